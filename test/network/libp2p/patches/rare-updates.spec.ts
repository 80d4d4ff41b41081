import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import type { Libp2p, Stream } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import {
  withChangedMuxers,
  type YamuxFactory
} from '../../../../src/network/libp2p/patches/changed-muxers.js'
import { withRareUpdates } from '../../../../src/network/libp2p/patches/rare-updates.js'
import { PROTOCOL } from '../../../support/network-libp2p.js'
import { createRawPeer } from '../../../support/network-raw-peer.js'
import { waitFor } from '../../../support/network-wait.js'

/** More than the other side may send untold, several times. */
const MUCH = 3 * 1024 * 1024
const MESSAGES = 200
const PATIENCE = 10_000

describe('network/libp2p/patches/rare-updates', () => {
  /** Calls of the muxer's own `sendWindowUpdate`, of all streams. */
  let updates: number
  let alice: Libp2p
  let bob: Libp2p

  beforeEach(async () => {
    updates = 0
    alice = await createAlice(withRareUpdates(counted(yamux())))
    bob = await createRawPeer()
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
  })

  async function createAlice(muxer: YamuxFactory): Promise<Libp2p> {
    return await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [muxer]
    })
  }

  /** The same, whose streams count what they are asked to tell. */
  function counted(create: YamuxFactory): YamuxFactory {
    return withChangedMuxers(create, (muxer) => {
      const open = muxer.onCreateStream.bind(muxer)
      muxer.onCreateStream = () => {
        const stream = open()
        const update = stream.sendWindowUpdate.bind(stream)
        stream.sendWindowUpdate = () => {
          updates++
          update()
        }
        return stream
      }
    })
  }

  /** Bob sends what `send` sends on the stream that alice opens. */
  async function opened(send: (stream: Stream) => void): Promise<Stream> {
    await bob.handle(PROTOCOL, send)
    return await alice.dialProtocol(bob.getMultiaddrs(), PROTOCOL)
  }

  function countOf(stream: Stream): { bytes: number } {
    const read = { bytes: 0 }
    stream.addEventListener('message', ({ data }) => {
      read.bytes += data.byteLength
    })
    return read
  }

  async function readSmallMessages(): Promise<void> {
    const stream = await opened((from) => {
      for (let sent = 0; sent < MESSAGES; sent++) from.send(new Uint8Array(500))
    })
    const read = countOf(stream)
    await waitFor('all to come', () => read.bytes === MESSAGES * 500, PATIENCE)
  }

  it('tells nothing of small messages, which the other side has room for', async () => {
    await readSmallMessages()
    // Opening the stream, and the answer of the other side to it.
    assert.ok(updates <= 2, `${String(updates)} updates`)
  })

  it('is needed as long as yamux by itself tells of each', async () => {
    await alice.stop()
    alice = await createAlice(counted(yamux()))
    await readSmallMessages()
    assert.ok(updates >= MESSAGES / 2, `${String(updates)} updates`)
  })

  it('tells in time of what comes, however much', async () => {
    const stream = await opened((from) => {
      from.send(new Uint8Array(MUCH))
    })
    const read = countOf(stream)
    await waitFor('all to come', () => read.bytes === MUCH, PATIENCE)
  })

  it('takes as much of a stream that the other side opens', async () => {
    const reads: { bytes: number }[] = []
    await alice.handle(PROTOCOL, (stream) => {
      reads.push(countOf(stream))
    })
    await alice.dial(bob.getMultiaddrs())
    await waitFor('bob to have the link', () => bob.getConnections(alice.peerId).length > 0, PATIENCE)
    const [back] = bob.getConnections(alice.peerId)
    const stream = await back?.newStream(PROTOCOL)
    stream?.send(new Uint8Array(MUCH))
    await waitFor('all to come', () => reads[0]?.bytes === MUCH, PATIENCE)
  })

  it('tells of what came while a stream was paused when it goes on', async () => {
    const stream = await opened((from) => {
      from.send(new Uint8Array(MUCH))
    })
    const read = countOf(stream)
    stream.pause()
    await waitFor('the window to be used up', () => stream.readBufferLength >= 255 * 1024, PATIENCE)
    stream.resume()
    await waitFor('all to come', () => read.bytes === MUCH, PATIENCE)
  })
})
