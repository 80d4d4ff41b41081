import assert from 'node:assert/strict'
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import { MAX_RELAYED_PER_DIALLER, MAX_RESERVATIONS, RELAY_REQUEST_MS } from '../../../src/network/limits.js'
import { createTestNetwork } from '../../support/network-libp2p.js'
import { createRawPeer } from '../../support/network-raw-peer.js'
import { createRecorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

/** HopMessage: type RESERVE. */
const RESERVE = Uint8Array.of(8, 0)
/** Type STATUS, status RESERVATION_REFUSED. */
const REFUSED = Uint8Array.of(8, 2, 40, 200, 1)
const LIMIT_MS = 30_000
/** Tries to be done before the relay ends requests for their age. */
const ATTEMPTS = 5

describe('a relay of ours', function () {
  this.timeout(240_000)
  let relay: Libp2pNetwork
  let peers: Libp2p[] = []

  beforeEach(async () => {
    relay = createTestNetwork({ relay: true })
    await relay.start(createRecorder().handlers)
  })
  afterEach(async () => {
    for (const peer of peers) await peer.stop()
    peers = []
    await relay.stop()
  })

  async function link(): Promise<Libp2p> {
    const peer = await createRawPeer()
    peers.push(peer)
    await peer.dial(multiaddr(relay.addresses()[0]))
    return peer
  }

  /** Ask for a place; whether there was one. */
  async function takesPlace(peer: Libp2p): Promise<boolean> {
    const [connection] = peer.getConnections()
    assert.ok(connection !== undefined)
    const stream = await connection.newStream(RELAY_V2_HOP_CODEC)
    stream.send(encode.single(RESERVE))
    const answer = await decode(stream).next()
    assert.ok(answer.done !== true)
    await stream.close()
    return Buffer.compare(answer.value.slice(), REFUSED) !== 0
  }

  it(`has ${String(MAX_RESERVATIONS)} places and no more, and gives the next who asks that of one who leaves`, async () => {
    for (let n = 0; n < MAX_RESERVATIONS; n += 1) assert.ok(await takesPlace(await link()), String(n))
    const late = await link()
    assert.equal(await takesPlace(late), false)
    await peers[0]?.stop()
    await waitFor('the place to be free', () => takesPlace(late), LIMIT_MS)
  })

  /** Have a peer hold all requests open that it may, and another ask; `false` if the relay may have ended some for their age, which would show nothing. */
  async function servesBesideSilence(): Promise<boolean> {
    const mallory = await link()
    const [connection] = mallory.getConnections()
    assert.ok(connection !== undefined)
    const most = MAX_RELAYED_PER_DIALLER + 4
    const began = performance.now()
    const isFresh = (): boolean => performance.now() - began < RELAY_REQUEST_MS
    const open = (): Promise<unknown> =>
      connection.newStream(RELAY_V2_HOP_CODEC, { negotiateFully: true, maxOutboundStreams: most })
    // One by one: of those that come together js-libp2p lets in none if they are too many.
    for (let n = 0; n < MAX_RELAYED_PER_DIALLER; n += 1) await open()
    await Promise.allSettled(Array.from({ length: most - MAX_RELAYED_PER_DIALLER }, open))
    const held = (): number =>
      connection.streams.filter(
        ({ protocol, status }) => protocol === RELAY_V2_HOP_CODEC && status === 'open'
      ).length
    // Those over the bound are let in and reset at once.
    await waitFor('no more than may be open', () => held() <= MAX_RELAYED_PER_DIALLER || !isFresh(), LIMIT_MS)
    if (!isFresh()) return false
    assert.equal(held(), MAX_RELAYED_PER_DIALLER)
    assert.ok(await takesPlace(await link()))
    return isFresh()
  }

  it('serves others while one peer holds its requests open in silence, as many as it may', async () => {
    let attempts = 0
    // A machine that is too busy for it in ten seconds has more than one try.
    while (!(await servesBesideSilence())) assert.ok((attempts += 1) < ATTEMPTS)
  })
})
