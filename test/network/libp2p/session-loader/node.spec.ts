import assert from 'node:assert/strict'
import { loadSession } from '../../../../src/network/libp2p/session-loader/node.js'
import { Session } from '../../../../src/network/libp2p/session.js'

// What is loaded without it: `test/package/exports.spec.ts`.
describe('network/libp2p/session-loader/node', () => {
  it('brings the session', async () => {
    assert.equal(await loadSession(), Session)
  })
})
