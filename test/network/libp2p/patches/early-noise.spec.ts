import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { AddressInfo, Server, Socket } from 'node:net'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'
import { agreementOn } from '../../../../src/network/libp2p/patches/agreement.js'
import { noiseAtOnce } from '../../../../src/network/libp2p/patches/early-noise.js'
import { createRawPeer, rawAddress } from '../../../support/network-raw-peer.js'
import { waitFor } from '../../../support/network-wait.js'

const AGREEMENT = agreementOn('/noise')
/** The first message of Noise XX, an ephemeral key, after its length. */
const FIRST_MESSAGE = 2 + 32

describe('network/libp2p/patches/early-noise', () => {
  let alice: Libp2p
  let bob: Libp2p
  let server: Server
  let sockets: Socket[]
  let heard: Buffer
  let answer: Uint8Array

  beforeEach(async () => {
    alice = await createLibp2p({
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionProtector: noiseAtOnce,
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    })
    bob = await createRawPeer()
    ;[sockets, heard, answer] = [[], Buffer.alloc(0), new Uint8Array(0)]
    server = createServer((socket) => {
      sockets.push(socket)
      socket.on('error', () => undefined)
      socket.on('data', (piece) => {
        if (heard.length === 0) socket.write(answer)
        heard = Buffer.concat([heard, piece])
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })

  /** Dial the server until it has heard so many bytes. */
  async function dialUntil(node: Libp2p, bytes: number): Promise<void> {
    const impatience = new AbortController()
    const { port } = server.address() as AddressInfo
    const dialled = node.dial(multiaddr(`/ip4/127.0.0.1/tcp/${String(port)}`), { signal: impatience.signal })
    const failed = assert.rejects(dialled)
    await waitFor('the server to hear', () => heard.length >= bytes, 5_000)
    impatience.abort()
    await failed
  }

  it('begins before the other side has said a word', async () => {
    await dialUntil(alice, AGREEMENT.length + FIRST_MESSAGE)
    assert.deepEqual(new Uint8Array(heard.subarray(0, AGREEMENT.length)), AGREEMENT)
  })

  it('is needed as long as libp2p waits for an answer that can only be one', async () => {
    await dialUntil(bob, AGREEMENT.length)
    assert.deepEqual(new Uint8Array(heard), AGREEMENT)
  })

  it('is understood by a node that knows nothing of this, and understands that', async () => {
    assert.ok((await alice.dial(multiaddr(rawAddress(bob)))).remotePeer.equals(bob.peerId))
    await alice.hangUp(bob.peerId)
    assert.ok((await bob.dial(multiaddr(rawAddress(alice)))).remotePeer.equals(alice.peerId))
  })

  it('ends where the other side speaks no Noise', async () => {
    answer = new TextEncoder().encode('\u0013/multistream/1.0.0\n\u0003na\n')
    const { port } = server.address() as AddressInfo
    await assert.rejects(alice.dial(multiaddr(`/ip4/127.0.0.1/tcp/${String(port)}`)))
    assert.deepEqual(alice.getConnections(), [])
    await waitFor('the link to be over', () => sockets.every(({ closed }) => closed), 5_000)
  })
})
