import assert from 'node:assert/strict'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { isMessengerError } from '../../../src/errors.js'
import { MAX_UNREAD_MESSAGES } from '../../../src/network/limits.js'
import { handleStreams, openStream } from '../../../src/network/libp2p/peer-streams.js'
import type { PeerStream } from '../../../src/network/network.js'
import { createFastClock, realClock, STREAM_PROTOCOL } from '../../support/network-libp2p.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import { waitFor } from '../../support/network-wait.js'

const hasFailed = (error: unknown): boolean => isMessengerError(error, 'NETWORK_FAILED')

describe('network/libp2p/peer-streams', () => {
  let alice: Libp2p
  let bob: Libp2p
  let connection: Connection
  const taken: PeerStream[] = []

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
    taken.length = 0
    connection = await alice.dial(multiaddr(rawAddress(bob)))
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
  })

  it('are no more than two of one peer at a time', async () => {
    await handleStreams(bob, [STREAM_PROTOCOL], (_, stream) => taken.push(stream))
    const streams = [
      await openStream(connection, STREAM_PROTOCOL, realClock),
      await openStream(connection, STREAM_PROTOCOL, realClock)
    ]
    for (const stream of streams) await stream.send(Uint8Array.of(1))
    await waitFor('both to be there', () => taken.length === 2, 5_000)
    const third = openStream(connection, STREAM_PROTOCOL, realClock).then((stream) => stream.receive())
    await assert.rejects(third, hasFailed)
    assert.equal(taken.length, 2)
  })

  it('are refused by a peer that does not speak the protocol, and after that was stopped', async () => {
    await assert.rejects(openStream(connection, STREAM_PROTOCOL, realClock), hasFailed)
    const stop = await handleStreams(bob, [STREAM_PROTOCOL], (_, stream) => taken.push(stream))
    await stop()
    await assert.rejects(openStream(connection, STREAM_PROTOCOL, realClock), hasFailed)
  })

  it('break when a message is longer than one may be', async () => {
    await handleStreams(bob, [STREAM_PROTOCOL], (_, stream) => taken.push(stream))
    const raw = await connection.newStream(STREAM_PROTOCOL)
    // The length 2^28 as a varint, and then nothing of it.
    raw.send(Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x01, 1, 2, 3))
    await waitFor('the stream to be there', () => taken.length === 1, 5_000)
    const [stream] = taken
    assert.ok(stream !== undefined)
    await assert.rejects(stream.receive(), hasFailed)
  })

  it('break when more empty messages wait to be read than may', async () => {
    await handleStreams(bob, [STREAM_PROTOCOL], (_, stream) => taken.push(stream))
    const raw = await connection.newStream(STREAM_PROTOCOL)
    // Each zero is the length of a message that ends there.
    raw.send(new Uint8Array(MAX_UNREAD_MESSAGES + 1))
    await waitFor('the stream to break', () => raw.status === 'reset', 5_000)
    assert.equal(taken.length, 1)
  })

  it('are not waited for longer than ten seconds', async () => {
    await bob.handle(STREAM_PROTOCOL, () => undefined)
    const clock = createFastClock(50)
    const start = clock.now()
    const silent = {
      ...connection,
      newStream: (_: unknown, { signal }: { signal: AbortSignal }) => ended(signal)
    }
    await assert.rejects(openStream(silent, STREAM_PROTOCOL, clock), hasFailed)
    assert.ok(clock.now() - start >= 10_000)
  })
})

function ended(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('aborted'))
    })
  })
}
