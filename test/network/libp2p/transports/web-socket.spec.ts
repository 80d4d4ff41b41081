import assert from 'node:assert/strict'
import '../../../../src/network/libp2p/transports/web-socket.js'

describe('network/libp2p/transports/web-socket', () => {
  it('leaves a global WebSocket that js-libp2p can dial with, also on Node 20', () => {
    assert.equal(typeof globalThis.WebSocket, 'function')
    assert.equal(typeof globalThis.WebSocket.prototype.addEventListener, 'function')
  })
})
