import assert from 'node:assert/strict'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { encodeParcel } from '../../../../src/codec/parcel.js'
import { FrameProgress } from '../../../../src/network/libp2p/patches/unfinished-frames.js'
import { MAX_STREAM_BUFFER, MAX_UNFINISHED_BYTES } from '../../../../src/network/limits.js'
import { TOPIC, createTestNetwork, secureRandom } from '../../../support/network-libp2p.js'
import { createRawPeer, type RawServices } from '../../../support/network-raw-peer.js'
import { createRecorder, numbered, numberOf } from '../../../support/network-recorder.js'
import { openUnfinished, swallowed, UNFINISHED } from '../../../support/network-unfinished.js'
import { waitFor } from '../../../support/network-wait.js'

/** The length of a frame, in 7 bits a byte, the lowest first. */
function lengthOf(length: number): number[] {
  return length < 0x80 ? [length] : [(length & 0x7f) | 0x80, ...lengthOf(length >> 7)]
}

describe('network/libp2p/patches/unfinished-frames', () => {
  describe('the progress of a stream', () => {
    it('is what came of the last frame if that is not whole, wherever the pieces end', () => {
      fc.assert(
        fc.property(
          fc.array(fc.integer({ min: 0, max: 700 }), { maxLength: 8 }),
          fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
          fc.boolean(),
          (frames, pieces, isList) => {
            const stream = Uint8Array.from(
              frames.flatMap((length) => [...lengthOf(length), ...new Array<number>(length).fill(0xff)])
            )
            const ends = new Set([0])
            let end = 0
            for (const length of frames) ends.add((end += lengthOf(length).length + length))
            const progress = new FrameProgress()
            for (let at = 0, n = 0; at < stream.length; n += 1) {
              const piece = stream.subarray(at, at + (pieces[n % pieces.length] ?? 1))
              at += piece.length
              const middle = piece.length >> 1
              const list = new Uint8ArrayList(piece.subarray(0, middle), piece.subarray(middle))
              assert.ok(progress.take(isList ? list : piece))
              const whole = Math.max(...[...ends].filter((before) => before <= at))
              assert.equal(progress.held, at - whole)
            }
          }
        )
      )
    })

    it('ends where no frame can begin: a length over the bound, or one without an end', () => {
      assert.ok(new FrameProgress().take(Uint8Array.from(lengthOf(MAX_STREAM_BUFFER))))
      assert.ok(!new FrameProgress().take(Uint8Array.from(lengthOf(MAX_STREAM_BUFFER + 1))))
      assert.ok(!new FrameProgress().take(new Uint8Array(9).fill(0x80)))
    })
  })

  it('closes the connection that holds the most when all hold too much, and hears the others', async function () {
    this.timeout(60_000)
    const bob = Object.assign(createRecorder(), { network: createTestNetwork() })
    bob.network.join(TOPIC)
    await bob.network.start(bob.handlers)
    const address = multiaddr(bob.network.addresses()[0] ?? '')
    const peers: Libp2p<RawServices>[] = []
    const link = async (): Promise<{ peer: Libp2p<RawServices>; connection: Connection }> => {
      const peer = await createRawPeer()
      peers.push(peer)
      peer.services.pubsub.subscribe(TOPIC)
      const connection = await peer.dial(address)
      await waitFor('the topic', () => peer.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
      return { peer, connection }
    }
    try {
      const honest = await link()
      const most: Connection[] = []
      // Two of one protocol are let in, and three protocols: five beside the one that is in use.
      for (let held = 0; held <= MAX_UNFINISHED_BYTES; held += 5 * UNFINISHED) {
        const { peer, connection } = await link()
        most.push(connection)
        const streams = await openUnfinished(connection, peer.services.pubsub.protocols, 2)
        await waitFor(
          'all of it to be taken, or too much',
          () => swallowed(streams) >= 5 * UNFINISHED || most.some(({ status }) => status !== 'open'),
          10_000
        )
      }
      await waitFor('one to be closed', () => most.some(({ status }) => status !== 'open'), 5_000)
      assert.ok(most.filter(({ status }) => status === 'open').length >= most.length - 2)
      assert.equal(honest.connection.status, 'open')
      await honest.peer.services.pubsub.publish(TOPIC, encodeParcel([numbered(8)], secureRandom(8)))
      await waitFor('the honest one', () => bob.envelopes.some((envelope) => numberOf(envelope) === 8), 5_000)
    } finally {
      for (const peer of peers) await peer.stop()
      await bob.network.stop()
    }
  })
})
