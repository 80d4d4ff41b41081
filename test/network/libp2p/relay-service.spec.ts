import assert from 'node:assert/strict'
import { RELAY_V2_HOP_CODEC } from '@libp2p/circuit-relay-v2'
import type { CircuitRelayService } from '@libp2p/circuit-relay-v2'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { createLinkDriver } from '../../../src/network/link-driver.js'
import { peerOf } from '../../../src/network/libp2p/addresses.js'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import { Session } from '../../../src/network/libp2p/session.js'
import { MAX_RELAYED_BYTES, MAX_RELAYED_MS } from '../../../src/network/limits.js'
import { createTestNetwork, realClock, testNetworkOptions } from '../../support/network-libp2p.js'
import { createRawPeer } from '../../support/network-raw-peer.js'
import { createRecorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const LIMIT_MS = 20_000

describe('network/libp2p/relay-service', function () {
  this.timeout(60_000)
  let relay: Session
  let bob: Libp2pNetwork

  beforeEach(async () => {
    const driver = createLinkDriver({
      clock: realClock,
      random: () => 0,
      dial: () => Promise.reject(new Error('It dials nobody')),
      peerOf,
      isLinked: () => false
    })
    relay = await Session.open(testNetworkOptions({ relay: true }), createRecorder().handlers, driver)
    relay.begin([])
    bob = createTestNetwork({ listen: relay.addresses().map((address) => `${address}/p2p-circuit`) })
    await bob.start(createRecorder().handlers)
  })

  afterEach(async () => {
    await bob.stop()
    await relay.close()
  })

  function places(): CircuitRelayService['reservations'] {
    const service = relay.node.services['relay']
    assert.ok(isRelay(service))
    return service.reservations
  }

  it('gives a place within bounds', async () => {
    await waitFor('a place', () => places().size === 1, LIMIT_MS)
    const [{ limit } = {}] = places().values()
    assert.deepEqual(limit, { data: BigInt(MAX_RELAYED_BYTES), duration: MAX_RELAYED_MS })
  })

  it('has room for others as soon as a member has left', async () => {
    await waitFor('a place', () => places().size === 1, LIMIT_MS)
    await bob.stop()
    await waitFor('the place to be free', () => places().size === 0, LIMIT_MS)
  })

  it('is needed as long as the term before the last renewal ends a place', async () => {
    await waitFor('a place', () => places().size === 1, LIMIT_MS)
    const [place] = places().values()
    assert.ok(place !== undefined)
    const ended = new Promise((resolve) => {
      place.signal.addEventListener('abort', resolve)
    })
    place.signal.reset(1)
    place.signal.reset(MAX_RELAYED_MS)
    await ended
  })

  it('renews a place with a new term, so that the end of the old one does not take it away', async () => {
    const carol = await createRawPeer()
    try {
      const connection = await carol.dial(relay.addresses().map((address) => multiaddr(address)))
      const ask = async (): Promise<void> => {
        const stream = await connection.newStream(RELAY_V2_HOP_CODEC)
        // HopMessage: type RESERVE.
        stream.send(encode.single(Uint8Array.of(8, 0)))
        const answer = await decode(stream).next()
        assert.ok(answer.done !== true)
      }
      await ask()
      const first = places().get(carol.peerId)
      await ask()
      const second = places().get(carol.peerId)
      assert.ok(first !== undefined && second !== undefined)
      assert.notEqual(second.signal, first.signal)
    } finally {
      await carol.stop()
    }
  })
})

function isRelay(service: unknown): service is CircuitRelayService {
  return typeof service === 'object' && service !== null && 'reservations' in service
}
