import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  importsOf,
  packageOf,
  packageRoot,
  readPackageJson,
  readSources
} from '../support/package-sources.js'
import { assertNone } from '../support/package-none.js'

/** What a dependency takes from Node by name, and a bundler for browsers must find in the packages: abstract-level asks for it. */
const FOR_BUNDLERS = ['events']
const DEVELOPMENT_FOLDERS = ['test', 'examples', 'benchmarks']

describe('the dependencies', () => {
  const pack = readPackageJson()
  const runtime = Object.keys(pack.dependencies)
  const development = Object.keys(pack.devDependencies)
  const used = packagesOf('src')
  const usedInDevelopment = new Set(DEVELOPMENT_FOLDERS.flatMap((folder) => [...packagesOf(folder)]))

  it('include every package that the sources import', () => {
    assertNone([...used].filter((name) => !runtime.includes(name)))
  })

  it('include no package that the sources do not import', () => {
    assertNone(runtime.filter((name) => !used.has(name) && !FOR_BUNDLERS.includes(name)))
  })

  it('of development include every other package that tests, examples and benchmarks import', () => {
    const known = [...runtime, ...development, ...benchmarkPackages(), pack.name]
    assertNone([...usedInDevelopment].filter((name) => !known.includes(name)))
  })

  it('of development are all used: imported, run by a script or types of something used', () => {
    const scriptTexts = ['eslint.config.js', 'codegen.js', 'test/interop/oracle/kem.mjs']
      .map((name) => readFileSync(join(packageRoot, name), 'utf8'))
      .join('\n')
    const scripts = Object.values(pack.scripts).join(' ')
    const commands: Readonly<Record<string, string>> = { typescript: 'tsc' }
    const idle = development.filter(
      (name) =>
        !usedInDevelopment.has(name) &&
        !scriptTexts.includes(`'${name}'`) &&
        !scripts.split(/\s+/).includes(commands[name] ?? name) &&
        !typesSomething(name, [...runtime, ...development, 'node'])
    )
    assertNone(idle)
  })

  it('are caret ranges: a patch of theirs reaches our users without us', () => {
    const pinned = Object.entries(pack.dependencies).filter(([, range]) => !/^\^\d+\.\d+\.\d+$/.test(range))
    assertNone(pinned.map(([name, range]) => `${name} ${range}`))
  })

  for (const folder of ['', 'benchmarks/', 'benchmarks/orbitdb/']) {
    const name = `${folder}package-lock.json`
    it(`are locked in ${name} without naming a registry`, () => {
      const lock = readFileSync(join(packageRoot, name), 'utf8')
      assertNone([...lock.matchAll(/"resolved": "(?!file:).*/g)].map(([found]) => found))
      // Without an address, the hash alone says what is installed.
      const places = lock.match(/^ {4}"node_modules\/[^"]+": \{/gm) ?? []
      const hashes = lock.match(/^ {6}"integrity": /gm) ?? []
      assert.equal(hashes.length, places.length)
    })
  }
})

function packagesOf(folder: string): Set<string> {
  const names = readSources(folder).flatMap((source) =>
    importsOf(source).map(({ specifier }) => packageOf(specifier))
  )
  return new Set(names.filter((name) => name !== undefined))
}

/** Peers of a comparison are installed beside the benchmarks, not with the library. */
function benchmarkPackages(): string[] {
  const pack = readJson('benchmarks/package.json')
  return Object.keys(pack?.dependencies ?? {})
}

function readJson(path: string): { readonly dependencies?: Readonly<Record<string, string>> } | undefined {
  try {
    return JSON.parse(readFileSync(join(packageRoot, path), 'utf8')) as Record<string, never>
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

function typesSomething(name: string, known: readonly string[]): boolean {
  return name.startsWith('@types/') && known.includes(name.replace('@types/', ''))
}
