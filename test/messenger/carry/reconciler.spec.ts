import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/errors.js'
import type { PeerStream } from '../../../src/network/network.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import {
  encodePrefix,
  expiryDay,
  LANE_TAGGED,
  outlineEnvelope
} from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS } from '../../../src/protocol/limits.js'
import { encodeFrame, RECONCILE_PROTOCOL } from '../../../src/protocol/sync/frames.js'
import { envelopeId } from '../../../src/protocol/sync/item.js'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { openSync } from '../../../src/protocol/sync/session.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'
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

  it('opens no session while nothing has changed', async () => {
    await bench.clock.advance(3_600_000)
    assert.deepEqual(opened.length <= 1, true, `${String(opened.length)} sessions`)
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
    const { topic } = alice.context
    const strangers = ['one', 'two', 'three', 'four'].map((name) => bench.hub.createNetwork(name))
    const held: PeerStream[] = []
    for (const stranger of strangers) {
      const recorder = createRecorder()
      recorder.handlers.onStream = (_, stream) => held.push(stream)
      stranger.join(topic)
      await stranger.start(recorder.handlers)
    }
    // Frames that nobody refuses, and that bring a session no further.
    const hold = async (): Promise<void> => {
      for (const stream of held) await stream.send(encodeFrame({ kind: 'purge', secrets: [random(32)] }))
    }
    for (let times = 0; times < 5; times++) {
      await bench.clock.advance(3_000)
      await hold()
    }
    const eve = bench.hub.createNetwork('eve')
    eve.join(topic)
    const pending: number[] = []
    for (let times = 0; times < 40; times++) {
      await eve.start(createRecorder().handlers)
      await bench.clock.advance(7_000)
      await hold()
      await bench.run(eve.stop())
      pending.push(bench.clock.pending)
    }
    assert.ok(Math.max(...pending.slice(20)) <= Math.max(...pending.slice(0, 20)) + 5, pending.join(' '))
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

  it('fetches from two peers at once what both of them have, and ends with both', async () => {
    const carol = await bench.open('carol')
    bench.hub.partition([['alice'], ['bob'], ['carol']])
    await bench.clock.advance(20_000)
    for (let n = 0; n < 3_000; n++) {
      const envelope = new Uint8Array(512)
      envelope.set(encodePrefix(LANE_TAGGED, expiryDay(bench.clock.now(), DAY_MS), random(16)))
      const outlined = outlineEnvelope(envelope, bench.clock.now())
      assert.ok(outlined.kind === 'outlined')
      for (const { context } of [bob, carol])
        context.mailbox.take(outlined.outline, envelopeId(envelope), 'somebody', 'stranger')
    }
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
