import assert from 'node:assert/strict'
import { cycles, graphOf, reachable } from '../support/package-graph.js'
import {
  importsOf,
  readPackageJson,
  readSources,
  type PackageJson,
  type SourceText
} from '../support/package-sources.js'
import { assertNone } from '../support/package-none.js'

/** What users import. */
const entries = ['src/index.ts', 'src/simulator/index.ts']
const NODE_ONLY = ['@libp2p/tcp', 'commander', 'jpeg-js', 'pngjs']

describe('the import graph', () => {
  const { imports } = readPackageJson()
  const sources = readSources('src')
  const graph = graphOf(sources, imports)
  const conditional = Object.values(imports).flatMap((targets) =>
    Object.values(targets).map((target) => target.replace('./dist/', '').replace(/\.js$/, '.ts'))
  )

  it('has no cycle, types included', () => {
    assertNone(cycles(graph))
  })

  it('notices a cycle that only a type closes', () => {
    const ring = [
      { path: 'src/a.ts', text: "import { b } from './b.js'" },
      { path: 'src/b.ts', text: "export * from './c.js'" },
      { path: 'src/c.ts', text: "import type { A } from './a.js'" }
    ]
    assert.deepEqual(cycles(graphOf(ring, {})), ['src/a.ts → src/b.ts → src/c.ts → src/a.ts'])
  })

  it('leads only to files that exist', () => {
    const wanted = [...conditional, ...[...graph.values()].flat()]
    assertNone(wanted.filter((path) => !graph.has(path)))
  })

  it('leads to every source file from the package root or the command', () => {
    const alive = reachable(graph, [...entries, 'src/cli/main.ts', ...conditional])
    assertNone([...graph.keys()].filter((path) => !alive.has(path)))
  })

  it('loads nothing of Node in a browser', () => {
    assertNone(nodeInBrowser(sources, imports))
  })

  it('notices what a browser would load of Node, and only that', () => {
    const conditions = { '#a': { node: './dist/src/node.js', default: './dist/src/browser.js' } }
    const entry = (text: string) => [
      { path: 'src/index.ts', text },
      { path: 'src/node.ts', text: "import 'node:fs'" },
      { path: 'src/browser.ts', text: "import type { Stats } from 'node:fs'" }
    ]
    assertNone(nodeInBrowser(entry("import '#a'"), conditions))
    assert.deepEqual(nodeInBrowser(entry("import './node.js'"), conditions), ['src/node.ts loads node:fs'])
    assert.deepEqual(nodeInBrowser(entry("import '@libp2p/tcp'"), conditions), [
      'src/index.ts loads @libp2p/tcp'
    ])
  })

  it('keeps the simulator out of what an app loads', () => {
    const loaded = reachable(graph, ['src/index.ts', 'src/cli/main.ts', ...conditional])
    assertNone([...loaded].filter((path) => path.startsWith('src/simulator/')))
  })

  it('keeps the command line and its packages out of the library', () => {
    const library = reachable(graphOf(sources, imports), [...entries, ...conditional])
    assertNone([...library].filter((path) => path.startsWith('src/cli/')))
  })
})

/** Node modules and Node-only packages that a browser would load from the package root. */
function nodeInBrowser(sources: readonly SourceText[], conditions: PackageJson['imports']): string[] {
  const graph = graphOf(sources, conditions, { loadedOnly: true, condition: 'default' })
  const loaded = reachable(graph, entries)
  return sources
    .filter(({ path }) => loaded.has(path))
    .flatMap((source) =>
      importsOf(source)
        .filter(({ specifier, typeOnly }) => !typeOnly && isNodeOnly(specifier))
        .map(({ specifier }) => `${source.path} loads ${specifier}`)
    )
}

function isNodeOnly(specifier: string): boolean {
  return specifier.startsWith('node:') || NODE_ONLY.includes(specifier)
}
