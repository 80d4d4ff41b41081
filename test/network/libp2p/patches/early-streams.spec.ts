import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { yamuxOfEarlyStreams } from '../../../../src/network/libp2p/patches/early-streams.js'
import { PROTOCOL } from '../../../support/network-libp2p.js'
import { createProxy, type Proxy } from '../../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../../support/network-raw-peer.js'
import { waitFor } from '../../../support/network-wait.js'

const EARLY = { negotiateFully: false }

describe('network/libp2p/patches/early-streams', () => {
  let alice: Libp2p
  let bob: Libp2p
  let proxy: Proxy
  let connection: Connection

  beforeEach(async () => {
    alice = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamuxOfEarlyStreams({})]
    })
    bob = await createRawPeer()
    proxy = await createProxy(rawAddress(bob))
    connection = await alice.dial(multiaddr(proxy.address))
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
    await proxy.close()
  })

  /** What was read of a stream that is read by nobody else. */
  function reading(stream: Stream): number[] {
    const read: number[] = []
    stream.addEventListener('message', ({ data }) => {
      read.push(...data.subarray())
    })
    return read
  }

  it('are there before the other side has said a word, and others are not', async () => {
    proxy.freeze()
    const impatience = new AbortController()
    const patient = connection.newStream(PROTOCOL, { signal: impatience.signal })
    const choosing = connection.newStream([PROTOCOL, '/other/1'], { ...EARLY, signal: impatience.signal })
    assert.equal((await connection.newStream(PROTOCOL, EARLY)).protocol, PROTOCOL)
    impatience.abort()
    await assert.rejects(patient)
    await assert.rejects(choosing)
  })

  it('are needed as long as libp2p waits for the answer all the same', async () => {
    const carol = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()]
    })
    try {
      const other = await carol.dial(multiaddr(proxy.address))
      proxy.freeze()
      const impatience = new AbortController()
      const waiting = other.newStream(PROTOCOL, { ...EARLY, signal: impatience.signal })
      await connection.newStream(PROTOCOL, EARLY)
      impatience.abort()
      await assert.rejects(waiting)
    } finally {
      await carol.stop()
    }
  })

  it('bring what is written at once to a node that knows nothing of this, and bring back its answer', async () => {
    const heard: number[][] = []
    await bob.handle(PROTOCOL, (stream) => {
      heard.push(reading(stream))
      stream.send(Uint8Array.of(4, 5))
    })
    const stream = await connection.newStream(PROTOCOL, EARLY)
    const answered = reading(stream)
    stream.send(Uint8Array.of(1, 2, 3))
    await waitFor('both to hear', () => answered.length === 2 && heard[0]?.length === 3, 5_000)
    assert.deepEqual(answered, [4, 5])
    assert.deepEqual(heard, [[1, 2, 3]])
    await stream.close()
  })

  it('end where the other side does not speak their protocol, and nothing else does', async () => {
    const stream = await connection.newStream(PROTOCOL, EARLY)
    const ended = new Promise<Error | undefined>((resolve) => {
      stream.addEventListener('close', ({ error }) => {
        resolve(error)
      })
    })
    stream.send(new Uint8Array(5_000))
    assert.equal((await ended)?.name, 'UnsupportedProtocolError')
    await bob.handle(PROTOCOL, () => undefined)
    assert.equal((await connection.newStream(PROTOCOL)).protocol, PROTOCOL)
  })
})
