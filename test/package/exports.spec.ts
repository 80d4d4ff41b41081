import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as root from 'hallig'
import * as simulator from 'hallig/simulator'
import { exportedNames, type ExportedNames } from '../support/package-exports.js'
import { run } from '../support/package-run.js'
import { packageRoot } from '../support/package-sources.js'

const MAX_NAMES = 60
const MAX_VALUES = 15

/** The agreed public surface: a change here is a change for every user and belongs in the changelog. */
function agreedNames(snapshot: string): ExportedNames {
  return JSON.parse(readFileSync(join(packageRoot, 'test/package', snapshot), 'utf8')) as ExportedNames
}

for (const { name, path, snapshot, module } of [
  { name: 'hallig', path: 'src/library.ts', snapshot: 'exports.snapshot.json', module: root },
  {
    name: 'hallig/simulator',
    path: 'src/simulator/index.ts',
    snapshot: 'simulator-exports.snapshot.json',
    module: simulator
  }
]) {
  describe(name, () => {
    const actual = exportedNames({ path, text: readFileSync(join(packageRoot, path), 'utf8') })
    const agreed = agreedNames(snapshot)

    it('exports the agreed values', () => {
      assert.deepEqual(actual.values, agreed.values)
    })

    it('exports the agreed types', () => {
      assert.deepEqual(actual.types, agreed.types)
    })

    it('holds named re-exports and nothing else', () => {
      assert.deepEqual(actual.other, [])
    })

    it('gives those values, and no others, to whoever imports it', () => {
      assert.deepEqual(Object.keys(module).sort(), agreed.values)
    })

    it(`stays within ${String(MAX_NAMES)} names and ${String(MAX_VALUES)} values`, () => {
      assert.ok(actual.values.length <= MAX_VALUES, `${String(actual.values.length)} values`)
      assert.ok(actual.values.length + actual.types.length <= MAX_NAMES, 'too many names')
    })
  })
}

describe('an entry point', () => {
  it('of apps is the library and libp2p, which the command line does not load before it starts', async () => {
    const { other } = exportedNames({
      path: 'src/index.ts',
      text: readFileSync(join(packageRoot, 'src/index.ts'), 'utf8')
    })
    assert.deepEqual(other, ["import './network/libp2p/session.js'", "export * from './library.js'"])
    assert.deepEqual(await libp2pLoadedBy('src/library.js'), [])
    assert.ok((await libp2pLoadedBy('src/index.js')).length > 0)
  })

  it('would be caught exporting a star, a default or a value of its own', () => {
    for (const broken of ["export * from './a.js'", 'export default 1', 'export const a = 1']) {
      assert.deepEqual(exportedNames({ path: 'src/index.ts', text: broken }).other, [broken])
    }
  })
})

/** Writes the address of every module that is resolved, line by line. */
const HOOKS = `
import { writeSync } from 'node:fs'
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context)
  writeSync(1, resolved.url + '\\n')
  return resolved
}`

/** What a compiled file loads of libp2p itself, of gossipsub, noise and yamux. */
async function libp2pLoadedBy(compiled: string): Promise<string[]> {
  const script = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)}))
    await import(${JSON.stringify(new URL(`../../${compiled}`, import.meta.url).href)})`
  const { code, output } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: process.cwd(),
    timeout: 20_000
  })
  assert.equal(code, 0, output)
  assert.match(output, /create-messenger\.js/)
  return output
    .split('\n')
    .filter((url) => /\/node_modules\/(libp2p|@libp2p\/gossipsub|@chainsafe\/libp2p-\w+)\//.test(url))
}
