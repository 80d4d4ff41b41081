import assert from 'node:assert/strict'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { encodeParcel } from '../../../src/codec/parcel.js'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import {
  GUARD_CHECK_MS,
  MAX_OFFENCES,
  MAX_REQUEST_BYTES,
  MUTED_AFTER_MS
} from '../../../src/network/limits.js'
import type { NetworkHandlers } from '../../../src/network/network.js'
import { createSeededRandom } from '../../../src/network/seeded-random.js'
import type { SeededRandom } from '../../../src/network/seeded-random.js'
import {
  PROTOCOL,
  TOPIC,
  createFastClock,
  createTestNetwork,
  realClock,
  secureRandom
} from '../../support/network-libp2p.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import type { RawServices } from '../../support/network-raw-peer.js'
import { createRecorder, numbered, numberOf } from '../../support/network-recorder.js'
import type { Recorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const MEBIBYTE = 1_048_576

interface Node extends Recorder {
  readonly network: Libp2pNetwork
}

describe('network/libp2p against hostile peers', () => {
  let nodes: Node[]
  let mallory: Libp2p<RawServices>

  beforeEach(async () => {
    nodes = []
    mallory = await createRawPeer({ maxOutboundBufferSize: 64 * MEBIBYTE })
    mallory.services.pubsub.subscribe(TOPIC)
  })

  afterEach(async () => {
    for (const { network } of nodes) await network.stop()
    await mallory.stop()
  })

  async function open(clock = realClock, handlers: Partial<NetworkHandlers> = {}): Promise<Node> {
    const node = Object.assign(createRecorder(), { network: createTestNetwork({ clock }) })
    nodes.push(node)
    node.network.join(TOPIC)
    await node.network.start({ ...node.handlers, ...handlers })
    return node
  }

  /** Alice and bob, linked, and mallory linked to bob. */
  async function openTriangle(handlers: Partial<NetworkHandlers> = {}): Promise<readonly [Node, Node]> {
    const [alice, bob] = [await open(), await open(realClock, handlers)]
    await alice.network.dial(bob.network.addresses()[0] ?? '')
    await mallory.dial(multiaddr(bob.network.addresses()[0] ?? ''))
    await waitFor('everybody to join', () => alice.joins.length === 1 && bob.joins.length === 2, 5_000)
    await waitFor('mallory to see bob', () => mallory.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
    return [alice, bob]
  }

  /** Have bob keep a link to mallory, over which a frame comes that is longer than he takes. */
  async function muteWith(bob: Node): Promise<Connection> {
    bob.network.keep([{ id: 'mallory', addresses: [rawAddress(mallory)] }])
    await waitFor('the link', () => bob.joins.length === 1, 5_000)
    const connection = connectionOf(mallory)
    await waitFor('the gossip stream', () => gossipStream(connection) !== undefined, 5_000)
    gossipStream(connection)?.send(new Uint8Array(4 * MEBIBYTE + 16).fill(0xff, 0, 16))
    return connection
  }

  const isLinked = (node: Node): boolean =>
    node.network.peers().some(({ peer }) => peer === mallory.peerId.toString())

  it('cuts off a flood of random and mutated parcels, while honest traffic goes on', async function () {
    this.timeout(60_000)
    const seed = Date.now()
    const [alice, bob] = await openTriangle()
    const before = process.memoryUsage().rss
    let honest = 0
    for (let round = 0; round < 100; round += 1) {
      await flood(mallory, 100, createSeededRandom(seed + round))
      const { recipients } = await alice.network.publish(TOPIC, numbered(honest))
      honest += 1
      assert.equal(recipients, 1)
    }
    const context = `seed ${seed}`
    await waitFor(`mallory to be cut off, ${context}`, () => !isLinked(bob), 5_000)
    await waitFor(`the honest envelopes, ${context}`, () => honestOf(bob).length === honest, 10_000)
    assert.deepEqual(
      honestOf(bob),
      Array.from({ length: honest }, (_, n) => n),
      context
    )
    assert.ok(process.memoryUsage().rss - before < 128 * MEBIBYTE, context)
    await assert.rejects(mallory.dial(multiaddr(bob.network.addresses()[0] ?? '')).then(provesAlive), context)
    assert.ok(!isLinked(bob))
  })

  it('goes on inspecting all of that flood where malformed parcels are no offence', async function () {
    this.timeout(60_000)
    const [, bob] = await openTriangle({
      inspect: (topic, parcel) => {
        const verdict = bob.handlers.inspect(topic, parcel)
        return verdict === 'reject' ? 'ignore' : verdict
      }
    })
    const random = createSeededRandom(1)
    for (let round = 0; round < 100; round += 1) await flood(mallory, 100, random)
    await waitFor('ten times what is forgiven', () => bob.inspected > 10 * MAX_OFFENCES, 30_000)
    assert.ok(isLinked(bob))
  })

  it('forgives single mistakes', async () => {
    const [, bob] = await openTriangle()
    await flood(mallory, Math.floor(MAX_OFFENCES / 4), createSeededRandom(1))
    await mallory.services.pubsub.publish(TOPIC, encodeParcel([numbered(77)], new Uint8Array(8)))
    await waitFor('the good parcel', () => bob.envelopes.some((envelope) => numberOf(envelope) === 77), 5_000)
    assert.ok(isLinked(bob))
  })

  it('closes a link that an oversize frame has muted, and builds it anew', async function () {
    this.timeout(30_000)
    const bob = await open(createFastClock(20))
    const connection = await muteWith(bob)
    await waitFor('bob to close the link', () => connection.status !== 'open', (2 * MUTED_AFTER_MS) / 20)
    await waitFor('a new link', () => bob.joins.length >= 2, 10_000)
    await waitFor(
      'mallory to see bob again',
      () => mallory.services.pubsub.getSubscribers(TOPIC).length > 0,
      5_000
    )
    await mallory.services.pubsub.publish(TOPIC, encodeParcel([numbered(5)], new Uint8Array(8)))
    await waitFor('an envelope over it', () => bob.envelopes.length === 1, 5_000)
  })

  it('leaves such a link mute for as long as nobody looks, and what is published goes nowhere', async function () {
    this.timeout(30_000)
    const fast = createFastClock(20)
    const bob = await open({
      ...fast,
      schedule: (ms, wake) => (ms === GUARD_CHECK_MS ? () => undefined : fast.schedule(ms, wake))
    })
    const connection = await muteWith(bob)
    const parcel = (): Uint8Array => encodeParcel([numbered(5)], secureRandom(8))
    let handedOver = 0
    const end = fast.now() + 3 * MUTED_AFTER_MS
    while (fast.now() < end) {
      handedOver += (await mallory.services.pubsub.publish(TOPIC, parcel())).recipients.length
      await new Promise((resolve) => fast.schedule(1_000, () => resolve(undefined)))
    }
    assert.ok(handedOver > 0, 'its sender takes them for sent')
    assert.deepEqual([connection.status, bob.envelopes.length], ['open', 0])
  })

  it('answers others while one peer holds its request streams open in silence', async () => {
    const [alice, bob] = await openTriangle()
    const connection = connectionOf(mallory)
    const stuck: Stream[] = []
    for (let n = 0; n < 8; n += 1) {
      // Only so many are let in; the others are reset.
      await connection.newStream(PROTOCOL).then(
        (stream) => stuck.push(stream),
        () => undefined
      )
    }
    const answer = await alice.network.request(bob.network.peer ?? '', PROTOCOL, Uint8Array.of(1, 2, 3))
    assert.deepEqual(answer, Uint8Array.of(3, 2, 1))
    for (const stream of stuck) stream.abort(new Error('done'))
  })

  it('does not believe a peer that claims the address of another', async function () {
    // Other systems have one loopback address only.
    if (process.platform !== 'linux') this.skip()
    const bob = Object.assign(createRecorder(), {
      network: createTestNetwork({ listen: ['/ip4/127.0.0.2/tcp/0'] })
    })
    await bob.network.start(bob.handlers)
    const address = bob.network.addresses()[0]?.replace(/\/p2p\/.*/, '') ?? ''
    await bob.network.stop()
    const liar = await createRawPeer({}, [address])
    liar.services.pubsub.subscribe(TOPIC)
    const alice = await open()
    try {
      await liar.dial(multiaddr(alice.network.addresses()[0] ?? ''))
      // Gossip begins when both have identified each other.
      await waitFor('the liar to be identified', () => alice.joins.length === 1, 5_000)
      alice.network.keep([{ id: 'bob', addresses: [address] }])
      const again = Object.assign(createRecorder(), { network: createTestNetwork({ listen: [address] }) })
      nodes.push(again)
      await again.network.start(again.handlers)
      await waitFor('the link to bob', () => alice.network.peers().length === 2, 10_000)
    } finally {
      await liar.stop()
    }
  })

  it('drops a request that never ends, keeps the connection and hands nothing to the messenger', async () => {
    const [, bob] = await openTriangle()
    bob.answer = () => {
      throw new Error('it must not get here')
    }
    const stream = await connectionOf(mallory).newStream(PROTOCOL)
    const closed = new Promise((resolve) => {
      stream.addEventListener('close', resolve, { once: true })
    })
    stream.send(lengthPrefix(MAX_REQUEST_BYTES + 1))
    stream.send(new Uint8Array(MAX_REQUEST_BYTES + 1))
    await closed
    assert.ok(isLinked(bob))
  })
})

/** Publish parcels that are noise, truncated, bit-flipped or too long; returns when they are handed over. */
async function flood(peer: Libp2p<RawServices>, count: number, random: SeededRandom): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    const good = encodeParcel([random.bytes(512)], random.bytes(8))
    const kind = Math.floor(random.number() * 4)
    const mutated = good.slice()
    const at = Math.floor(random.between(0, 11))
    mutated[at] = (mutated[at] ?? 0) ^ 0xff
    const parcels = [
      random.bytes(Math.floor(random.between(0, 2_000))),
      good.slice(0, at),
      mutated,
      new Uint8Array(70_000)
    ]
    await peer.services.pubsub.publish(TOPIC, parcels[kind] ?? good)
  }
  await new Promise((resolve) => setImmediate(resolve))
}

/** Numbers of the envelopes that came from honest senders: mutated salts leave a parcel well-formed, with noise in it. */
function honestOf(node: Node): number[] {
  return node.envelopes.filter((envelope) => envelope.subarray(4).every((byte) => byte === 0)).map(numberOf)
}

function gossipStream(connection: Connection): Stream | undefined {
  return connection.streams.find(
    ({ protocol, direction }) => protocol.startsWith('/meshsub') && direction === 'outbound'
  )
}

function connectionOf(peer: Libp2p): Connection {
  const [connection] = peer.getConnections()
  assert.ok(connection !== undefined)
  return connection
}

/** The dialler's end of a denied connection seems open until it is used. */
async function provesAlive(connection: Connection): Promise<void> {
  const stream = await connection.newStream('/ipfs/ping/1.0.0', { signal: AbortSignal.timeout(2_000) })
  await stream.close()
}

function lengthPrefix(length: number): Uint8Array {
  return Uint8Array.of((length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14)
}
