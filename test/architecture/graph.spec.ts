import assert from 'node:assert/strict'
import { cycles, graphOf, reachable } from '../support/package-graph.js'
import { importsOf, readPackageJson, readSources } from '../support/package-sources.js'
import { assertNone } from '../support/package-none.js'

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
    const alive = reachable(graph, ['src/index.ts', 'src/cli/main.ts', ...conditional])
    assertNone([...graph.keys()].filter((path) => !alive.has(path)))
  })

  it('loads nothing of Node in a browser', () => {
    const browser = reachable(graphOf(sources, imports, { loadedOnly: true, condition: 'default' }), [
      'src/index.ts'
    ])
    const offenders = sources
      .filter(({ path }) => browser.has(path))
      .flatMap((source) =>
        importsOf(source)
          .filter(({ specifier, typeOnly }) => !typeOnly && isNodeOnly(specifier))
          .map(({ specifier }) => `${source.path} loads ${specifier}`)
      )
    assertNone(offenders)
  })

  it('keeps the command line and its packages out of the library', () => {
    const library = reachable(graphOf(sources, imports), ['src/index.ts', ...conditional])
    assertNone([...library].filter((path) => path.startsWith('src/cli/')))
  })
})

function isNodeOnly(specifier: string): boolean {
  return specifier.startsWith('node:') || NODE_ONLY.includes(specifier)
}
