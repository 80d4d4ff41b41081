import assert from 'node:assert/strict'
import { loadSession } from '../../../../src/network/libp2p/session-loader/node.js'
import { Session } from '../../../../src/network/libp2p/session.js'
import { run } from '../../../support/package-run.js'

const LIBRARY = new URL('../../../../src/index.js', import.meta.url).href

/** Writes the address of every module that is resolved, line by line. */
const HOOKS = `
import { writeSync } from 'node:fs'
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context)
  writeSync(1, resolved.url + '\\n')
  return resolved
}`

describe('network/libp2p/session-loader/node', () => {
  it('brings the session', async () => {
    assert.equal(await loadSession(), Session)
  })

  it('is all that brings libp2p: whoever imports the library alone does not load it', async () => {
    assert.deepEqual(await loadedBy(''), [])
    assert.ok((await loadedBy(`await import(${JSON.stringify(import.meta.resolve('libp2p'))})`)).length > 0)
  })
})

/** What is loaded of libp2p itself, of noise and of yamux, by the library and by what follows it. */
async function loadedBy(more: string): Promise<string[]> {
  const script = `
    import { register } from 'node:module'
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(HOOKS)}))
    await import(${JSON.stringify(LIBRARY)})
    ${more}`
  const { code, output } = await run(process.execPath, ['--input-type=module', '-e', script], {
    cwd: process.cwd(),
    timeout: 20_000
  })
  assert.equal(code, 0, output)
  assert.match(output, /create-messenger\.js/)
  return output.split('\n').filter((url) => /\/node_modules\/(libp2p|@chainsafe\/libp2p-\w+)\//.test(url))
}
