import assert from 'node:assert/strict'
import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createMessenger, type Messenger } from '../../src/index.js'
import { HELD_PROTOCOL } from '../../src/messenger/carry/held-notices.js'
import type { Libp2pNetwork } from '../../src/network/libp2p/libp2p-network.js'
import { MAX_INBOUND_GOSSIP_STREAMS, MAX_INBOUND_REQUEST_STREAMS } from '../../src/network/limits.js'
import type { PeerStream } from '../../src/network/network.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { STRANGER_BUDGET } from '../../src/protocol/limits.js'
import { BUNDLE_PROTOCOL } from '../../src/protocol/prekeys/bundle-request.js'
import {
  decodeFrame,
  encodeFrame,
  RECONCILE_PROTOCOL,
  type SyncFrame
} from '../../src/protocol/sync/frames.js'
import { ItemIndex } from '../../src/protocol/sync/item-index.js'
import { openSync } from '../../src/protocol/sync/session.js'
import { createTestNetwork, TOPIC } from '../support/network-libp2p.js'
import { createRawPeer, type RawServices } from '../support/network-raw-peer.js'
import { createRecorder } from '../support/network-recorder.js'
import { GOSSIP_STREAMS, openUnfinished, swallowed, UNFINISHED } from '../support/network-unfinished.js'
import { waitFor } from '../support/network-wait.js'
import { envelopeForNobody } from '../support/protocol-envelopes.js'

const STUCK = 32
const OWN_PROTOCOLS = [BUNDLE_PROTOCOL, HELD_PROTOCOL, RECONCILE_PROTOCOL]
/** Large envelopes that the victim carries: more than a stranger is given in a minute. */
const CARRIED = 256
const LARGE = 32_768
/** ms for which the greedy one takes as fast as it can. */
const GREED = 6_000
/** An empty list of everything, so that whatever the other has is lacked. */
const I_HAVE_NOTHING = Uint8Array.of(0x80, 0x80, 4, 0, 2, 0, 0)

describe('a whole messenger and a peer that abuses its streams', () => {
  let messengers: Messenger[]
  let networks: Libp2pNetwork[]
  let raw: Libp2p<RawServices>[]

  beforeEach(() => {
    messengers = []
    networks = []
    raw = []
  })
  afterEach(async () => {
    for (const messenger of messengers) await messenger.close()
    for (const network of networks) await network.stop()
    for (const peer of raw) {
      // Aborted: libp2p would ask every stream to close, all with one signal, which warns where more than ten of them are stuck.
      for (const connection of peer.getConnections()) connection.abort(new Error('mallory leaves'))
      await peer.stop()
    }
  })

  async function open(name: string, libp2p?: Libp2p): Promise<Messenger> {
    const listen = { listen: ['/ip4/127.0.0.1/tcp/0'] }
    const network = { name: 'test', lan: false, ...(libp2p === undefined ? listen : { libp2p }) }
    const messenger = await createMessenger({ name, network })
    messengers.push(messenger)
    return messenger
  }

  async function addressOf(messenger: Messenger): Promise<string> {
    return (await messenger.status()).addresses[0] ?? ''
  }

  /** alice and bob, who know each other, and what bob has heard; bob may have a node that is not of our making. */
  async function openPair(libp2p?: Libp2p): Promise<{
    alice: Messenger
    bob: Messenger
    say: (text: string) => Promise<void>
  }> {
    const [alice, bob] = [await open('alice'), await open('bob', libp2p)]
    await alice.dial(await addressOf(bob))
    const { conversationId } = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    const heard: string[] = []
    bob.addEventListener('message:receive', ({ detail }) => {
      if (detail.content.kind === 'text') heard.push(detail.content.text)
    })
    const say = async (text: string): Promise<void> => {
      await alice.send(conversationId, text)
      await waitFor(`bob to hear ${text}`, () => heard.includes(text), 10_000)
    }
    await say('before')
    return { alice, bob, say }
  }

  /** A node of mallory's that takes part in gossip, linked to `victim`. */
  async function intrude(
    victim: Messenger
  ): Promise<{ mallory: Libp2p<RawServices>; connection: Connection }> {
    const mallory = await createRawPeer()
    raw.push(mallory)
    mallory.services.pubsub.subscribe(TOPIC)
    const connection = await mallory.dial(multiaddr(await addressOf(victim)))
    await waitFor('the topic', () => mallory.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
    return { mallory, connection }
  }

  it(`that holds ${String(STUCK)} streams of all protocols open in silence: few are let in, and others are served`, async function () {
    this.timeout(60_000)
    const { bob, say } = await openPair()
    const { connection } = await intrude(bob)
    const stuck = await openSilent(connection)
    await new Promise((resolve) => setTimeout(resolve, 500))
    const held = stuck.filter(({ status }) => status === 'open')
    assert.ok(held.length <= OWN_PROTOCOLS.length * MAX_INBOUND_REQUEST_STREAMS, String(held.length))
    await say('during')
    const report = await bob.sync()
    assert.ok(report.peers >= 1)
    const carol = await open('carol')
    await carol.dial(await addressOf(bob))
    // Her short card has no bundle: bob is asked for it.
    const { id } = await bob.contacts.add(await carol.identity.card({ size: 'short' }))
    const { conversationId } = await bob.contacts.get(id)
    const sent = await bob.send(conversationId, 'hello carol')
    const isDelivered = (): boolean => delivered.has(sent.id)
    const delivered = new Set<string>()
    bob.addEventListener('message:update', ({ detail }) => {
      if (detail.status === 'delivered') delivered.add(detail.id)
    })
    await waitFor('carol to answer', isDelivered, 20_000)
  })

  it('that holds streams of all protocols open where only reconciliation bounds itself: all others are let in', async function () {
    this.timeout(60_000)
    const node = await createRawPeer()
    raw.push(node)
    const handle = node.handle.bind(node)
    node.handle = (protocol, handler) => handle(protocol, handler, { maxInboundStreams: STUCK })
    const { bob } = await openPair(node)
    const { mallory, connection } = await intrude(bob)
    await openSilent(connection)
    const held = (): number =>
      node
        .getConnections(mallory.peerId)
        .flatMap(({ streams }) => streams)
        .filter(({ direction }) => direction === 'inbound')
        .filter(({ protocol, status }) => OWN_PROTOCOLS.includes(protocol) && status === 'open').length
    // One session with a peer, whatever it opens: the other two protocols have a third of them each.
    await waitFor('bob to hold them', () => held() > 2 * Math.floor(STUCK / OWN_PROTOCOLS.length), 5_000)
  })

  it('that holds streams of gossip open, with a frame in each that never ends: few are let in, and others are heard', async function () {
    this.timeout(60_000)
    const { bob, say } = await openPair()
    const { mallory, connection } = await intrude(bob)
    const { protocols } = mallory.services.pubsub
    const stuck = await openUnfinished(connection, protocols, GOSSIP_STREAMS)
    const held = (): Stream[] => stuck.filter(({ status }) => status === 'open')
    const most = protocols.length * MAX_INBOUND_GOSSIP_STREAMS
    await waitFor('all others to be reset', () => held().length <= most, 10_000)
    for (let n = 0; n < 5; n += 1) await say(`during ${String(n)}`)
    assert.ok((await bob.sync()).peers >= 1)
    assert.ok(held().length > 0, 'mallory is not cut off, and holds what it was let')
    assert.ok(swallowed(held()) <= most * UNFINISHED)
  })

  it('that holds streams of gossip open where their number has no bound: all are let in, and what they hold grows', async function () {
    this.timeout(60_000)
    const node = await createRawPeer({ maxInboundStreams: GOSSIP_STREAMS })
    raw.push(node)
    const { bob } = await openPair(node)
    const { mallory, connection } = await intrude(bob)
    const { protocols } = mallory.services.pubsub
    const stuck = await openUnfinished(connection, protocols, GOSSIP_STREAMS)
    const most = protocols.length * MAX_INBOUND_GOSSIP_STREAMS
    await waitFor('bob to hold more', () => swallowed(stuck) > 8 * most * UNFINISHED, 20_000)
    process.stdout.write(`      held: ${String(swallowed(stuck))} bytes\n`)
  })

  it('that takes without end is given its budget, and honest people are heard meanwhile', async function () {
    this.timeout(90_000)
    const { bob, say } = await openPair()
    const mallory = createTestNetwork({ streamProtocols: [RECONCILE_PROTOCOL] })
    networks.push(mallory)
    const { handlers } = createRecorder()
    mallory.join(TOPIC)
    await mallory.start(handlers)
    const victim = await mallory.dial(await addressOf(bob))
    const isJoined = (): boolean => mallory.peers().some(({ topics }) => topics.includes(TOPIC))
    await waitFor('the topic', isJoined, 5_000)
    await fill(mallory, bob)
    const stream = await mallory.openStream(victim, RECONCILE_PROTOCOL)
    const greed = takeAll(stream)
    for (let n = 0; n < 5; n += 1) await say(`during ${String(n)}`)
    const bytes = await greed
    assert.ok(bytes > STRANGER_BUDGET / 2, `it was served: ${String(bytes)}`)
    assert.ok(bytes <= STRANGER_BUDGET * (1 + GREED / 60_000) + LARGE, String(bytes))
  })
})

/** Open streams of all protocols, as many as are let in, and say half of a length prefix in each: it is waited for more. */
async function openSilent(connection: Connection): Promise<Stream[]> {
  const streams: Stream[] = []
  for (let n = 0; n < STUCK; n += 1) {
    const protocol = OWN_PROTOCOLS[n % OWN_PROTOCOLS.length] ?? ''
    const stream = await connection.newStream(protocol).catch(() => undefined)
    if (stream?.status === 'open') stream.send(Uint8Array.of(0x80))
    if (stream !== undefined) streams.push(stream)
  }
  return streams
}

/** Have the victim carry much: as strangers' envelopes, handed over slowly enough to be taken. */
async function fill(network: Libp2pNetwork, victim: Messenger): Promise<void> {
  const random = createSeededRandom(7)
  for (let n = 0; n < CARRIED; n += 1) {
    await network.publish(TOPIC, envelopeForNobody(random.bytes, LARGE))
  }
  let envelopes = 0
  for (let look = 0; look < 200 && envelopes < CARRIED; look += 1) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    envelopes = (await victim.status()).mailbox.foreign
  }
  assert.ok(envelopes * LARGE > 1.5 * STRANGER_BUDGET, String(envelopes))
}

/** Ask for everything and store nothing of it, but say so at once; how many bytes came. */
async function takeAll(stream: PeerStream): Promise<number> {
  const say = (frame: SyncFrame): Promise<void> => stream.send(encodeFrame(frame))
  const end = performance.now() + GREED
  const timer = setTimeout(() => {
    stream.abort()
  }, GREED)
  let bytes = 0
  await stream.send(openSync(new ItemIndex(), true).frame)
  try {
    while (performance.now() < end) {
      const message = await stream.receive()
      const frame = message === undefined ? undefined : decodeFrame(message)
      if (frame === undefined) break
      if (frame.kind === 'hello') await say({ kind: 'ranges', message: I_HAVE_NOTHING })
      else if (frame.kind === 'ranges')
        await say({ kind: 'want', numbers: Array.from({ length: CARRIED }, (_, n) => n) })
      if (frame.kind !== 'give') continue
      const given = frame.given.reduce((sum, { envelope }) => sum + (envelope?.length ?? 0), 0)
      bytes += given
      await say({ kind: 'took', bytes: given })
    }
  } catch {
    // Given up: by us when the time is over, or by the other side.
  } finally {
    clearTimeout(timer)
  }
  return bytes
}
