import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { SocketBytes } from '../../../benchmarks/mesh/socket-bytes.js'

describe('benchmarks/mesh/socket-bytes', () => {
  it('counts both directions of a socket, once, also after it is closed', async () => {
    const bytes = new SocketBytes()
    const server = createServer((socket) => socket.pipe(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    assert.ok(typeof address === 'object' && address !== null)
    const socket = connect(address.port, '127.0.0.1')
    socket.write('seven b')
    await once(socket, 'data')
    assert.equal(bytes.total, 14)
    socket.end()
    await once(socket, 'close')
    assert.equal(bytes.total, 14)
    bytes.stop()
    server.close()
  })
})
