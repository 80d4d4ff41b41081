import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/errors.js'
import type { Network, PeerStream } from '../../../src/network/network.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import {
  encodePrefix,
  expiryDay,
  LANE_TAGGED,
  outlineEnvelope
} from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS, MAX_SYNC_SESSIONS, SYNC_CONTACTS, SYNC_TURN } from '../../../src/protocol/limits.js'
import { encodeFrame, RECONCILE_PROTOCOL } from '../../../src/protocol/sync/frames.js'
import { envelopeId } from '../../../src/protocol/sync/item.js'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { openSync } from '../../../src/protocol/sync/session.js'
import {
  createBench,
  fillMailboxes,
  friends,
  onlyState,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'
import { createRecorder } from '../../support/network-recorder.js'
import { seededRandom } from '../../support/store-random.js'

describe('messenger/reconciler', () => {
  const random = seededRandom('reconciler')
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let opened: string[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(20_000)
    opened = []
    const { network } = alice.context
    const openStream = network.openStream.bind(network)
    network.openStream = (peer, protocol, options) => {
      opened.push(protocol)
      return openStream(peer, protocol, options)
    }
  })

  /** Strangers with whom alice opens all the sessions that she opens at once. */
  async function fillPlaces(): Promise<{ strangers: Network[]; held: PeerStream[] }> {
    const strangers = ['one', 'two', 'three', 'four'].map((name) => bench.hub.createNetwork(name))
    const held: PeerStream[] = []
    for (const stranger of strangers) {
      const recorder = createRecorder()
      recorder.handlers.onStream = (_, stream) => held.push(stream)
      stranger.join(alice.context.topic)
      await stranger.start(recorder.handlers)
    }
    return { strangers, held }
  }

  /** Say on each of the streams what nobody refuses, and what brings a session no further. */
  async function idle(held: readonly PeerStream[]): Promise<void> {
    for (const stream of held)
      await stream.send(encodeFrame({ kind: 'purge', secrets: [random(32)] })).catch(() => undefined)
  }

  /** The same from time to time, for so long. */
  async function hold(held: readonly PeerStream[], duration: number): Promise<void> {
    for (let passed = 0; passed < duration; passed += 5_000) {
      await idle(held)
      await bench.clock.advance(5_000)
    }
  }

  it('opens no session while nothing has changed', async () => {
    // What has arrived is released within half an hour, and then told.
    await bench.clock.advance(3_600_000)
    opened.length = 0
    await bench.clock.advance(3_600_000)
    assert.deepEqual(opened, [])
  })

  it('reconciles when asked to, with everybody there', async () => {
    const report = await bench.run(alice.node.sync())
    assert.equal(report.peers, 1)
    assert.deepEqual(opened, [RECONCILE_PROTOCOL])
  })

  it('waits for a session that is under way when asked to, and has another bring what came after its beginning', async () => {
    // Whatever gossip would bring across is lost.
    alice.context.network.publish = () => Promise.resolve({ recipients: 0 })
    const first = bob.node.sync()
    await bench.until(() => opened.length === 0 && bob.context.network.peers().length > 0)
    const { id } = onlyState(alice.context).conversation
    const sent = sendMessage(alice.context, id, 'after the beginning')
    const [, before, report] = await bench.run(Promise.all([sent, first, sent.then(() => alice.node.sync())]))
    assert.equal(before.peers, 1)
    assert.deepEqual(report, { peers: 1, received: 0, given: 1 })
  })

  it('counts the session of whoever was quicker, when both are asked to at once', async () => {
    const reports = await bench.run(Promise.all([alice.node.sync(), bob.node.sync(), alice.node.sync()]))
    assert.deepEqual(
      reports.map(({ peers }) => peers),
      [1, 1, 1]
    )
  })

  it('tells what crossed in a session that nobody asked for, and nothing where nothing did', async () => {
    const told: number[] = []
    alice.context.events.addEventListener('sync:complete', ({ detail }) => told.push(detail.given))
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    bench.hub.heal()
    await bench.clock.advance(60_000)
    assert.deepEqual(told, [])
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'crosses'))
    // Whatever gossip would bring across is lost.
    alice.context.network.publish = () => Promise.resolve({ recipients: 0 })
    bench.hub.heal()
    await bench.until(() => told.length > 0, 120_000)
    assert.deepEqual(told, [1])
  })

  it('takes one session of a peer at a time, and none of whoever is not in the topic', async () => {
    const network = bench.hub.createNetwork('mallory')
    const recorder = createRecorder()
    await network.start(recorder.handlers)
    await bench.until(() => network.peers().length === 2)
    const outsider = await bench.run(network.openStream('alice', RECONCILE_PROTOCOL))
    await assert.rejects(bench.run(outsider.receive()))
    network.join(alice.context.topic)
    await bench.clock.advance(100)
    const [first, second, third] = await bench.run(
      Promise.all([1, 2, 3].map(() => network.openStream('alice', RECONCILE_PROTOCOL)))
    )
    assert.ok(first !== undefined && second !== undefined && third !== undefined)
    await assert.rejects(bench.run(third.receive()), 'one waits for the end of the first, and no more')
    const heard = second.receive()
    await second.send(openSync(new ItemIndex(), true).frame)
    await bench.clock.advance(1_000)
    await first.send(Uint8Array.of(99))
    await assert.rejects(bench.run(first.receive()), 'garbage ends a session')
    assert.ok((await bench.run(heard)) !== undefined, 'the second is taken')
    await bench.run(network.stop())
  })

  it('does not ask a peer again that does not speak the protocol', async () => {
    const network = bench.hub.createNetwork('old')
    const recorder = createRecorder()
    const refused: PeerStream[] = []
    recorder.handlers.onStream = (_, stream) => {
      refused.push(stream)
      stream.abort()
    }
    network.join(alice.context.topic)
    await network.start(recorder.handlers)
    await bench.clock.advance(60_000)
    await bench.clock.advance(30 * 60_000)
    assert.ok(refused.length <= 16, `${String(refused.length)} attempts of two nodes`)
    assert.ok(onlyState(alice.context).contact.accepted)
    await bench.run(network.stop())
  })

  it('has a peer wait once for a place among those with strangers, however often it comes and goes', async () => {
    const { strangers, held } = await fillPlaces()
    await hold(held, 10_000)
    const eve = bench.hub.createNetwork('eve')
    eve.join(alice.context.topic)
    const pending: number[] = []
    // Before anybody has had its turn.
    for (let passed = 20_000; passed < SYNC_TURN; passed += 7_000) {
      await eve.start(createRecorder().handlers)
      await bench.clock.advance(7_000)
      await idle(held)
      await bench.run(eve.stop())
      pending.push(bench.clock.pending)
    }
    const [, second = 0, ...later] = pending
    assert.ok(Math.max(...later) <= second, pending.join(' '))
    for (const stranger of strangers) await bench.run(stranger.stop())
  })

  it('gives the place of a stranger that has had its turn to one that waits', async () => {
    const { strangers, held } = await fillPlaces()
    await hold(held, 15_000)
    const eve = bench.hub.createNetwork('eve')
    const recorder = createRecorder()
    const came: PeerStream[] = []
    recorder.handlers.onStream = (_, stream) => came.push(stream)
    eve.join(alice.context.topic)
    await eve.start(recorder.handlers)
    await hold(held, 30_000)
    assert.deepEqual(came, [], 'all places are taken')
    await hold(held, SYNC_TURN)
    assert.notDeepEqual(came, [])
    for (const network of [...strangers, eve]) await bench.run(network.stop())
  })

  it('takes the session of a stranger in the place of one that has had its turn, and refuses it before', async () => {
    const { topic } = alice.context
    const names = Array.from({ length: MAX_SYNC_SESSIONS + 1 }, (_, index) => `s${String(index)}`)
    const strangers = names.map((name) => bench.hub.createNetwork(name))
    for (const stranger of strangers) {
      stranger.join(topic)
      await stranger.start(createRecorder().handlers)
    }
    await bench.until(() => alice.context.network.peers().length === names.length + 1)
    const held: PeerStream[] = []
    for (const stranger of strangers.slice(1)) {
      const stream = await bench.run(stranger.openStream('alice', RECONCILE_PROTOCOL))
      await stream.send(openSync(new ItemIndex(), true).frame)
      held.push(stream)
    }
    await bench.clock.advance(100)
    const [late] = strangers
    assert.ok(late !== undefined)
    const network = alice.context.network
    const peers = network.peers.bind(network)
    let lookedAt = 0
    network.peers = () => {
      lookedAt += 1
      return peers()
    }
    for (let n = 0; n < 20; n += 1) {
      const refused = await bench.run(late.openStream('alice', RECONCILE_PROTOCOL))
      await assert.rejects(bench.run(refused.receive()))
    }
    assert.ok(lookedAt < 20, 'the links are looked through for each')
    network.peers = peers
    await hold(held, SYNC_TURN + 5_000)
    const taken = await bench.run(late.openStream('alice', RECONCILE_PROTOCOL))
    await taken.send(openSync(new ItemIndex(), true).frame)
    assert.ok((await bench.run(taken.receive())) !== undefined)
    const sends = held.map((stream) => stream.send(encodeFrame({ kind: 'purge', secrets: [random(32)] })))
    const outcomes = await bench.run(Promise.allSettled(sends))
    assert.equal(outcomes.filter(({ status }) => status === 'rejected').length, 1, 'one has left its place')
    for (const stranger of strangers) await bench.run(stranger.stop())
  })

  it('tries again in a moment when a stream could not be opened, as where a link takes the place of another', async () => {
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'crosses'))
    alice.context.network.publish = () => Promise.resolve({ recipients: 0 })
    const { network } = alice.context
    const openStream = network.openStream.bind(network)
    let failures = 2
    network.openStream = (peer, protocol, options) => {
      if (failures-- <= 0) return openStream(peer, protocol, options)
      return Promise.reject(new MessengerError('NETWORK_FAILED', 'The peer takes no such stream'))
    }
    const told: number[] = []
    alice.context.events.addEventListener('sync:complete', ({ detail }) => told.push(detail.given))
    bob.context.network.openStream = () => Promise.reject(new Error('Bob opens none'))
    bench.hub.heal()
    await bench.until(() => told.length > 0, 30_000)
    assert.deepEqual(told, [1])
  })

  it('has another session bring the rest when the link under one is closed in good order', async () => {
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    fillMailboxes(bench, [bob], random, 3_000)
    const ended: PeerStream[] = []
    for (const { network } of [alice.context, bob.context]) {
      const openStream = network.openStream.bind(network)
      network.openStream = async (peer, protocol, options) => {
        const stream = await openStream(peer, protocol, options)
        if (ended.length === 0) endAfter(stream, 20)
        ended.push(stream)
        return stream
      }
    }
    bench.hub.heal()
    await bench.clock.advance(60_000)
    const { envelopes } = alice.context.mailbox.status()
    assert.ok(ended.length > 1 && envelopes >= 3_000, `${String(envelopes)} envelopes`)
  })

  /** So many frames come, then both sides are told that the stream is at its end, as libp2p does of a connection that closes. */
  function endAfter(stream: PeerStream, frames: number): void {
    const receive = stream.receive.bind(stream)
    let left = frames
    stream.receive = async () => {
      if (left-- > 0) return await receive()
      await stream.close()
      return undefined
    }
  }

  /** Alice fetches from carol three envelopes, two of them with one tag; the tags of what she tells on. */
  async function fetchedAndTold(): Promise<(number | undefined)[]> {
    const carol = await bench.open('carol')
    bench.hub.partition([['alice', 'bob'], ['carol']])
    await bench.clock.advance(20_000)
    for (const [n, tag] of [1, 2, 2].entries()) {
      const envelope = new Uint8Array(512).fill(n, 100)
      envelope.set(
        encodePrefix(LANE_TAGGED, expiryDay(bench.clock.now(), DAY_MS), new Uint8Array(16).fill(tag))
      )
      const outlined = outlineEnvelope(envelope, bench.clock.now())
      assert.ok(outlined.kind === 'outlined')
      carol.context.mailbox.take(outlined.outline, envelopeId(envelope), 'somebody', 'stranger')
    }
    const before = alice.published.length
    bench.hub.heal('alice', 'carol')
    bench.hub.heal('carol', 'alice')
    await bench.clock.advance(20_000)
    for (const tag of [1, 2])
      assert.equal(alice.context.mailbox.withTag(new Uint8Array(16).fill(tag)).length, tag)
    return alice.published.slice(before).map((envelope) => envelope[4])
  }

  it('leaves no peer alone because somebody gave up waiting for a session with it', async () => {
    for (let times = 0; times < 5; times++) {
      const controller = new AbortController()
      const asked = alice.node.sync({ signal: controller.signal })
      controller.abort()
      await assert.rejects(bench.run(asked))
    }
    // Whatever gossip would bring across is lost.
    alice.context.network.publish = () => Promise.resolve({ recipients: 0 })
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'after that'))
    opened = []
    await bench.clock.advance(SYNC_CONTACTS + 1_000)
    assert.deepEqual(opened, [RECONCILE_PROTOCOL])
  })

  it('fetches from two peers at once what both of them have, and ends with both', async () => {
    const carol = await bench.open('carol')
    bench.hub.partition([['alice'], ['bob'], ['carol']])
    await bench.clock.advance(20_000)
    fillMailboxes(bench, [bob, carol], random, 3_000)
    bench.hub.heal('alice', 'bob')
    bench.hub.heal('bob', 'alice')
    bench.hub.heal('alice', 'carol')
    bench.hub.heal('carol', 'alice')
    await bench.until(() => alice.context.network.peers().length === 2)
    const { peers } = await bench.run(alice.node.sync())
    assert.equal(peers, 2)
    assert.ok(alice.context.mailbox.status().envelopes >= 3_000)
  })

  it('tells the others of what it fetched, but for two envelopes with one tag', async () => {
    assert.deepEqual(await fetchedAndTold(), [1])
  })

  it('tells nobody while it rests', async () => {
    alice.context.state.resting = true
    assert.deepEqual(await fetchedAndTold(), [])
  })
})
