import assert from 'node:assert/strict'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { circuitRelayServer, RELAY_V2_HOP_CODEC, RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { identify } from '@libp2p/identify'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import { tcp } from '@libp2p/tcp'
import { multiaddr } from '@multiformats/multiaddr'
import { decode, encode } from 'it-length-prefixed'
import { createLibp2p } from 'libp2p'
import { isMessengerError } from '../../../src/errors.js'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import type { Libp2pNetworkOptions } from '../../../src/network/libp2p/options.js'
import { planListening, Relays } from '../../../src/network/libp2p/relays.js'
import { MAX_NAMED_RELAYS } from '../../../src/network/limits.js'
import {
  createFastClock,
  createTestNetwork,
  PROTOCOL,
  STREAM_PROTOCOL,
  TOPIC
} from '../../support/network-libp2p.js'
import { createRawPeer } from '../../support/network-raw-peer.js'
import { createRecorder, numbered } from '../../support/network-recorder.js'
import type { Recorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const PEER = '12D3KooWDPA4rB5RHGDkDkTD13fucYDMwsjv7vtrd3cUSU4nGgJz'
const LIMIT_MS = 20_000

interface Started {
  readonly network: Libp2pNetwork
  readonly recorder: Recorder
}

describe('network/libp2p/relays', function () {
  this.timeout(60_000)
  let networks: Libp2pNetwork[] = []

  afterEach(async () => {
    await Promise.all(networks.map((network) => network.stop()))
    networks = []
  })

  async function start(options: Partial<Libp2pNetworkOptions> = {}): Promise<Started> {
    const network = createTestNetwork(options)
    networks.push(network)
    const recorder = createRecorder()
    await network.start(recorder.handlers)
    return { network, recorder }
  }

  function addressOf({ network }: Started): string {
    const address = network.addresses().find((candidate) => !candidate.includes('/p2p-circuit'))
    assert.ok(address !== undefined)
    return address
  }

  const atRelay = (relay: Started): string => `${addressOf(relay)}/p2p-circuit`

  async function relayedAddress({ network }: Started): Promise<string> {
    const find = (): string | undefined =>
      network.addresses().find((address) => address.includes('/p2p-circuit'))
    await waitFor('a place at the relay', () => find() !== undefined, LIMIT_MS)
    return find() ?? ''
  }

  it('gives a node an address at a relay, over which parcels, requests and streams go both ways', async () => {
    // A relay that is in no topic: what arrives went through it, not by its gossip.
    const relay = await start({ relay: true })
    const bob = await start({ listen: [atRelay(relay)] })
    const alice = await start()
    for (const { network } of [alice, bob]) network.join(TOPIC)
    const peer = await alice.network.dial(await relayedAddress(bob))
    assert.equal(peer, bob.network.peer)
    const joined = ({ recorder }: Started, other: Started): boolean =>
      recorder.joins.includes(`${TOPIC} ${String(other.network.peer)}`)
    await waitFor('both to join', () => joined(alice, bob) && joined(bob, alice), LIMIT_MS)
    await alice.network.publish(TOPIC, numbered(1))
    await bob.network.publish(TOPIC, numbered(2))
    await waitFor(
      'parcels both ways',
      () => alice.recorder.parcels === 1 && bob.recorder.parcels === 1,
      LIMIT_MS
    )
    assert.deepEqual(await alice.network.request(peer, PROTOCOL, Uint8Array.of(1, 2)), Uint8Array.of(2, 1))
    const stream = await bob.network.openStream(String(alice.network.peer), STREAM_PROTOCOL)
    await stream.send(Uint8Array.of(3))
    await waitFor('a stream', () => alice.recorder.streams.length === 1, LIMIT_MS)
    assert.deepEqual(await alice.recorder.streams[0]?.receive(), Uint8Array.of(3))
    const [link] = alice.network.peers().filter((candidate) => candidate.peer === peer)
    assert.ok(link?.address.includes('/p2p-circuit'))
  })

  it('gives the address up when the relay goes, and has it again when it is back', async () => {
    const peerSeed = new Uint8Array(32).fill(9)
    const relay = await start({ relay: true, peerSeed })
    const address = addressOf(relay)
    const bob = await start({ listen: [atRelay(relay)] })
    await relayedAddress(bob)
    await relay.network.stop()
    const isTold = (): boolean => bob.network.addresses().some((told) => told.includes('/p2p-circuit'))
    await waitFor('the address to go', () => !isTold(), LIMIT_MS)
    await start({ relay: true, peerSeed, listen: [address.replace(/\/p2p\/.*/, '')] })
    await waitFor('the address to come back', isTold, LIMIT_MS)
  })

  it('says when it has a place and when not any more, and asks again where there was none', async () => {
    const relay = await start({ relay: true })
    const told: boolean[] = []
    const relays = new Relays({
      relays: planListening([atRelay(relay)]).relays,
      clock: createFastClock(100),
      logger: undefined,
      onChange: (hasPlace) => told.push(hasPlace)
    })
    const node = await createLibp2p({
      transports: [tcp(), await relays.transport()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify() }
    })
    try {
      const { remotePeer: peerId } = await node.dial(multiaddr(addressOf(relay)))
      relays.identified({ peerId, protocols: [] })
      assert.deepEqual(relays.addresses('me'), [], 'who is no relay is not asked')
      relays.identified({ peerId, protocols: [RELAY_V2_HOP_CODEC] })
      await waitFor('a place', () => told.includes(true), LIMIT_MS)
      assert.deepEqual(relays.addresses('me'), [`${atRelay(relay)}/p2p/me`])
      // The link ends, and begins again without another word of the relay's.
      await node.hangUp(peerId)
      await waitFor('no place', () => told.includes(false), LIMIT_MS)
      await waitFor('a place again', () => told.lastIndexOf(true) > told.indexOf(false), LIMIT_MS)
    } finally {
      relays.stop()
      await node.stop()
    }
  })

  it('starts without its relay, and takes a place when it comes', async () => {
    const peerSeed = new Uint8Array(32).fill(8)
    const relay = await start({ relay: true, peerSeed })
    const address = addressOf(relay)
    const listen = [atRelay(relay)]
    await relay.network.stop()
    const bob = await start({ listen })
    await start({ relay: true, peerSeed, listen: [address.replace(/\/p2p\/.*/, '')] })
    await relayedAddress(bob)
  })

  it('takes a place at each relay it names', async () => {
    const relays = [await start({ relay: true }), await start({ relay: true }), await start({ relay: true })]
    const { network } = await start({ listen: relays.map(atRelay) })
    const told = (): number =>
      network.addresses().filter((address) => address.includes('/p2p-circuit')).length
    await waitFor('a place at each', () => told() === relays.length, LIMIT_MS)
  })

  it('keeps its sockets where only a relay is named', async () => {
    const bob = await start({ listen: [`/ip4/127.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit`] })
    assert.ok(bob.network.addresses().some((address) => address.includes('/tcp/')))
  })

  it('is not reached through whoever says it is a relay', async () => {
    const mallory = await start({ relay: true })
    const bob = await start()
    await bob.network.dial(addressOf(mallory))
    const alice = await start()
    const address = `${addressOf(mallory)}/p2p-circuit/p2p/${String(bob.network.peer)}`
    await assert.rejects(alice.network.dial(address), (error) => isMessengerError(error, 'DIAL_FAILED'))
    assert.ok(bob.network.addresses().every((told) => !told.includes('/p2p-circuit')))
  })

  it('turns down who comes through a relay it does not name, and does not listen there', async () => {
    // A peer that says: here is somebody who wants to talk to you.
    const mallory = await createLibp2p({
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      services: { identify: identify(), relay: circuitRelayServer() }
    })
    try {
      const bob = await start({ listen: [`/ip4/127.0.0.1/tcp/1/p2p/${PEER}/p2p-circuit`] })
      const connection = await mallory.dial(multiaddr(addressOf(bob)))
      const stream = await connection.newStream(RELAY_V2_STOP_CODEC)
      const id = mallory.peerId.toMultihash().bytes
      // StopMessage: type CONNECT, peer { id }.
      stream.send(encode.single(Uint8Array.of(8, 0, 18, id.length + 2, 10, id.length, ...id)))
      const answers = decode(stream)
      const answer = await answers.next()
      assert.ok(answer.done !== true)
      // Type STATUS, status PERMISSION_DENIED.
      assert.deepEqual(answer.value.slice(), Uint8Array.of(8, 1, 32, 202, 1))
      assert.equal(mallory.services.relay.reservations.size, 0)
    } finally {
      await mallory.stop()
    }
  })

  it('has no ear for who comes through a relay where it names none', async () => {
    const bob = await start()
    const mallory = await createRawPeer()
    try {
      const connection = await mallory.dial(multiaddr(addressOf(bob)))
      await assert.rejects(connection.newStream(RELAY_V2_STOP_CODEC, { negotiateFully: true }), {
        name: 'UnsupportedProtocolError'
      })
    } finally {
      await mallory.stop()
    }
  })

  it('prefers a direct link: the one through a relay is closed beside it', async () => {
    const relay = await start({ relay: true })
    const bob = await start({ listen: [atRelay(relay), '/ip4/127.0.0.1/tcp/0'] })
    const alice = await start()
    for (const { network } of [alice, bob]) network.join(TOPIC)
    const peer = await alice.network.dial(await relayedAddress(bob))
    await alice.network.dial(addressOf(bob).replace(/\/p2p\/.*/, ''))
    const links = (): string[] =>
      alice.network
        .peers()
        .filter((link) => link.peer === peer)
        .map(({ address }) => address)
    await waitFor(
      'a direct link and no other',
      () => links().length === 1 && links().every((address) => !address.includes('/p2p-circuit')),
      LIMIT_MS
    )
  })

  it('tells relays from sockets, and wants to know who a relay is', async () => {
    const relay = `/ip4/10.0.0.1/tcp/4001/p2p/${PEER}`
    assert.deepEqual(planListening(['/ip4/0.0.0.0/tcp/0', `${relay}/p2p-circuit`]), {
      sockets: ['/ip4/0.0.0.0/tcp/0'],
      relays: new Map([[PEER, relay]])
    })
    const many = await Promise.all(
      Array.from({ length: MAX_NAMED_RELAYS + 1 }, async (_, n) =>
        peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(n))).toString()
      )
    )
    assert.throws(
      () => planListening(many.map((peer) => `/ip4/10.0.0.1/tcp/1/p2p/${peer}/p2p-circuit`)),
      (error) => isMessengerError(error, 'ADDRESS_INVALID')
    )
    for (const address of [
      '/p2p-circuit',
      '/ip4/10.0.0.1/tcp/4001/p2p-circuit',
      `${relay}/p2p-circuit/p2p/${PEER}`
    ]) {
      assert.throws(
        () => planListening([address]),
        (error) => isMessengerError(error, 'ADDRESS_INVALID'),
        address
      )
    }
  })
})
