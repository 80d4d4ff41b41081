import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import '../../../../src/network/libp2p/transports/web-socket.js'

describe('network/libp2p/transports/web-socket', () => {
  it('leaves a global WebSocket that js-libp2p can dial with, also on Node 20', () => {
    assert.equal(typeof globalThis.WebSocket, 'function')
    assert.equal(typeof globalThis.WebSocket.prototype.addEventListener, 'function')
  })

  it('does not end the process when a dial that nobody waits for any more is refused', async () => {
    // As a node does that is closing.
    const server = createServer((_request, response) => response.writeHead(503).end())
    server.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n'))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    try {
      const socket = new globalThis.WebSocket(`ws://127.0.0.1:${String(port)}`)
      await new Promise((resolve) => {
        socket.addEventListener('close', resolve)
      })
    } finally {
      await new Promise((resolve) => server.close(resolve))
    }
  })
})
