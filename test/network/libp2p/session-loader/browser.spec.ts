import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { loadSession } from '../../../../src/network/libp2p/session-loader/browser.js'
import { Session } from '../../../../src/network/libp2p/session.js'

describe('network/libp2p/session-loader/browser', () => {
  it('brings the session', async () => {
    assert.equal(await loadSession(), Session)
  })

  it('has it from the beginning: a page fetches nothing when it starts', async () => {
    const compiled = new URL('../../../../src/network/libp2p/session-loader/browser.js', import.meta.url)
    const text = await readFile(compiled, 'utf8')
    assert.match(text, /^import \{ Session \} from/)
    assert.doesNotMatch(text, /import\(/)
  })
})
