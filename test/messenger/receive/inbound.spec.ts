import assert from 'node:assert/strict'
import { encodeParcel } from '../../../src/codec/parcel.js'
import { addContact } from '../../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import type { Context } from '../../../src/messenger/context.js'
import { Inbound } from '../../../src/messenger/receive/inbound.js'
import { TagIndex } from '../../../src/messenger/receive/tag-index.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import {
  encodePrefix,
  expiryDay,
  LANE_OPEN,
  LANE_TAGGED,
  outlineEnvelope,
  tagOf
} from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS, MAX_INBOUND_QUEUE_BYTES, MAX_OPEN_HELLOS_PER_SECOND } from '../../../src/protocol/limits.js'
import { envelopeId } from '../../../src/protocol/sync/item.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'
import { paidHello, payForHello } from '../../support/protocol-hello.js'
import { createPerson } from '../../support/protocol-parties.js'
import { must } from '../../support/protocol-values.js'
import { seededRandom } from '../../support/store-random.js'

const random = seededRandom('inbound')

describe('messenger/inbound', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let refused: string[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
    refused = []
    alice.context.events.addEventListener('envelope:reject', ({ detail }) => refused.push(detail.reason))
  })

  /** An envelope for nobody here. */
  function foreign(size = 512): Uint8Array {
    const envelope = new Uint8Array(size)
    envelope.set(encodePrefix(LANE_TAGGED, expiryDay(bench.clock.now(), DAY_MS), random(16)))
    envelope.set(random(16), 40)
    return envelope
  }

  it('drops what goes beyond its bound, and takes in more when it has worked it off', async () => {
    const inbound = new Inbound(alice.context)
    const size = 32_768
    const count = MAX_INBOUND_QUEUE_BYTES / size + 10
    // In one turn, so that nothing is worked off in between.
    for (let n = 0; n < count; n++) inbound.receive(encodeParcel([foreign(size)], random(8)), 'bob')
    assert.deepEqual([...new Set(refused)], ['overloaded'])
    assert.ok(refused.length >= 9)
    await inbound.idle()
    refused = []
    inbound.receive(encodeParcel([foreign()], random(8)), 'bob')
    await inbound.idle()
    assert.deepEqual(refused, [])
  })

  it('holds four times as much of a flood at once where it has no such bound', async () => {
    const [bounded, unbounded] = [new Inbound(alice.context), new Inbound(alice.context, Infinity)]
    const size = 32_768
    const most = MAX_INBOUND_QUEUE_BYTES / size
    // In one turn, so that nothing is worked off in between.
    const flood = (inbound: Inbound): number => {
      refused = []
      for (let n = 0; n < 4 * most; n++) inbound.receive(encodeParcel([foreign(size)], random(8)), 'bob')
      return 4 * most - refused.length
    }
    // One is at work and waits no more.
    assert.deepEqual([flood(bounded), flood(unbounded)], [most + 1, 4 * most])
    await Promise.all([bounded.idle(), unbounded.idle()])
  })

  it('reads no more copies of one tag from the mailbox at once than may wait', async () => {
    const inbound = new Inbound(alice.context, 4 * 512)
    const tag = random(16)
    for (let n = 0; n < 50; n++) {
      const bytes = foreign()
      bytes.set(tag, 4)
      const outlined = outlineEnvelope(bytes, bench.clock.now())
      assert.ok(outlined.kind === 'outlined')
      assert.ok(alice.context.mailbox.take(outlined.outline, envelopeId(bytes), 'bob', 'stranger'))
    }
    const { mailbox, tags } = alice.context
    const [read, find] = [mailbox.read.bind(mailbox), tags.find.bind(tags)]
    let [reads, most, looked] = [0, 0, 0]
    mailbox.read = async (item) => {
      most = Math.max(most, ++reads)
      return await read(item)
    }
    tags.find = (...args) => {
      reads = 0
      looked++
      return find(...args)
    }
    await inbound.reopen(tag)
    await inbound.idle()
    assert.ok(most <= 8, `${String(most)} at once`)
    assert.ok(looked >= 50)
  })

  it('ends whoever waits for room when the messenger is closed, and says that not all was taken', async () => {
    const context = { ...alice.context, state: { ...alice.context.state } }
    const inbound = new Inbound(context)
    const size = 32_768
    const admitted = inbound.admit([foreign()], 'carol')
    for (let n = 0; n <= MAX_INBOUND_QUEUE_BYTES / size; n++)
      inbound.receive(encodeParcel([foreign(size)], random(8)), 'bob')
    const waiting = inbound.admit([foreign(size)], 'carol')
    context.state.closed = true
    await assert.rejects(waiting, { code: 'CLOSED' })
    await assert.rejects(admitted, { code: 'CLOSED' })
    await assert.rejects(inbound.admit([foreign()], 'carol'), { code: 'CLOSED' })
  })

  it('keeps nothing of the parcel an envelope came in', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
    const parcel = encodeParcel([bob.published.at(-1) ?? foreign()], random(8))
    inbound.receive(parcel, 'bob')
    parcel.fill(0)
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 2)
  })

  it('takes one message once, however often and in whatever company it comes, and refuses none', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    const id = onlyState(bob.context).conversation.id
    const from = bob.published.length
    for (const text of ['one', 'two', 'three']) await bench.run(sendMessage(bob.context, id, text))
    const envelopes = bob.published.slice(from)
    const both = [...envelopes, foreign(), ...envelopes.toReversed()]
    for (let n = 0; n < 3; n++) inbound.receive(encodeParcel(both, random(8)), 'bob')
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 4)
    assert.deepEqual(refused, [])
  })

  it('owes a receipt for what comes again, and none for what is only looked at again', async () => {
    const owed: string[] = []
    const inbound = new Inbound({ ...alice.context, owesReceipt: (id) => void owed.push(id) })
    const mark = bob.published.length
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
    await bench.until(() => onlyState(alice.context).conversation.unread === 2)
    await bench.clock.advance(5_000)
    const envelope = must(bob.published[mark])
    await bench.run(inbound.reopen(tagOf(envelope)))
    await bench.run(inbound.idle())
    assert.deepEqual(owed, [])
    inbound.receive(encodeParcel([envelope], random(8)), 'bob')
    await bench.run(inbound.idle())
    assert.deepEqual(owed, [onlyState(alice.context).contact.id])
  })

  it('keeps no open hello that had no turn before it has one, and waits for that where it could not be given again', async function () {
    this.timeout(60_000)
    const inbound = new Inbound(alice.context)
    const { envelope: others } = payForHello(createPerson(61), createPerson(62))
    const isKept = (envelope: Uint8Array): boolean => alice.context.mailbox.hasTag(tagOf(envelope))
    const useTurns = async (): Promise<void> => {
      for (let n = 0; n < MAX_OPEN_HELLOS_PER_SECOND; n++) {
        inbound.receive(encodeParcel([others], random(8)), 'bob')
        await inbound.idle()
      }
    }
    const carol = await bench.open('carol')
    bench.hub.partition([['alice'], ['bob'], ['carol']])
    const card = await bench.run(makeCard(alice.context, { size: 'full', reusable: true }))
    const { conversationId } = await bench.run(addContact(carol.context, card))
    await bench.run(sendMessage(carol.context, conversationId, 'hello'))
    const [hello] = carol.published.filter((envelope) => envelope[1] === LANE_OPEN)
    assert.ok(hello !== undefined)
    await bench.clock.advance(1_000)
    await useTurns()
    assert.deepEqual((await inbound.admit([hello], 'bob')).fresh, [])
    assert.deepEqual([isKept(hello), alice.context.queue.states.size], [false, 1])
    await bench.clock.advance(1_000)
    await inbound.idle()
    assert.deepEqual([isKept(hello), alice.context.queue.states.size], [true, 2])
    await useTurns()
    const { envelope: another } = paidHello()
    const { fresh } = await bench.run(inbound.admit([another], 'file', { isPatient: true }))
    assert.deepEqual([fresh, isKept(another), refused], [[another], true, []])
    await useTurns()
    const giving = inbound.admit([others], 'file', { isPatient: true })
    await inbound.idle()
    const { pending } = bench.clock
    alice.context.state.closed = true
    inbound.close()
    // At once, and without leaving a timer.
    assert.equal(bench.clock.pending, pending - 1)
    await assert.rejects(giving, { code: 'CLOSED' })
  })

  it('goes on after the store has failed', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
    const parcel = encodeParcel([bob.published.at(-1) ?? foreign()], random(8))
    const { store } = alice.context
    const commit = store.commit.bind(store)
    store.commit = () => Promise.reject(new Error('no disk'))
    inbound.receive(parcel, 'bob')
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 1)
    assert.ok(alice.warnings.some((warning) => warning.includes('no disk')))
    store.commit = commit
    inbound.receive(parcel, 'bob')
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 2)
  })

  it('opens what lies in the mailbox once more, by itself, after the store has failed', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
    const envelope = must(bob.published.at(-1))
    const outlined = outlineEnvelope(envelope, bench.clock.now())
    assert.ok(outlined.kind === 'outlined')
    const { store, mailbox } = alice.context
    mailbox.take(outlined.outline, envelopeId(envelope), 'carol', 'stranger')
    await mailbox.flush()
    const commit = store.commit.bind(store)
    store.commit = () => Promise.reject(new Error('no disk'))
    await inbound.reopen(tagOf(envelope))
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 1)
    store.commit = commit
    await bench.clock.advance(10_000)
    assert.equal(onlyState(alice.context).conversation.unread, 2)
  })

  describe('while tags are still being computed', () => {
    /** Alice's context with an index that was only gathered, and an envelope of Bob's that it does not know yet. */
    async function halfway(): Promise<{
      readonly context: Context
      readonly tags: TagIndex
      readonly envelope: Uint8Array
    }> {
      const tags = new TagIndex()
      tags.gather()
      const { contact, sessions } = onlyState(alice.context)
      tags.update(contact.id, [], sessions)
      bench.hub.partition([['alice'], ['bob']])
      await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
      const envelope = bob.published.at(-1) ?? foreign()
      const state = { ...alice.context.state }
      return { context: { ...alice.context, tags, state }, tags, envelope }
    }

    const turns = { next: () => Promise.resolve() }
    const isKept = (envelope: Uint8Array): boolean => alice.context.mailbox.hasTag(tagOf(envelope))

    it('neither keeps nor loses what it cannot tell yet, and opens it when they are', async () => {
      const { context, tags, envelope } = await halfway()
      const inbound = new Inbound(context)
      const others = [foreign(), foreign()]
      inbound.receive(encodeParcel([...others, envelope], random(8)), 'bob')
      await bench.clock.advance(10_000)
      assert.equal(onlyState(alice.context).conversation.unread, 1)
      assert.deepEqual([...others, envelope].map(isKept), [false, false, false])
      await Promise.all([inbound.idle(), tags.complete(turns)])
      assert.equal(onlyState(alice.context).conversation.unread, 2)
      assert.deepEqual([...others, envelope].map(isKept), [true, true, true])
    })

    it('opens without waiting what it can tell', async () => {
      const { context, tags, envelope } = await halfway()
      // Whose it is happens to be known already.
      tags.find(tagOf(envelope), onlyState(alice.context).contact.id)
      const inbound = new Inbound(context)
      inbound.receive(encodeParcel([envelope], random(8)), 'bob')
      await inbound.idle()
      assert.notEqual(tags.completion, undefined)
      assert.equal(onlyState(alice.context).conversation.unread, 2)
    })

    it('opens a first message that comes again as a hello, by the tag inside', async () => {
      const carol = await bench.open('carol')
      const card = await bench.run(makeCard(alice.context, { size: 'full' }))
      bench.hub.partition([['alice'], ['bob', 'carol']])
      const { conversationId } = await bench.run(addContact(carol.context, card))
      for (const text of ['one', 'two']) await bench.run(sendMessage(carol.context, conversationId, text))
      const hellos = carol.published.slice(-2)
      const first = new Inbound(alice.context)
      first.receive(encodeParcel(hellos.slice(0, 1), random(8)), 'carol')
      await first.idle()
      const state = must(
        [...alice.context.queue.states.values()].find(({ contact }) => contact.id === carol.context.ownId)
      )
      const tags = new TagIndex()
      tags.gather()
      tags.update(state.contact.id, [], state.sessions)
      for (const { secret } of alice.context.invites.values()) tags.addInvite(secret)
      const inbound = new Inbound({ ...alice.context, tags })
      inbound.receive(encodeParcel(hellos.slice(1), random(8)), 'carol')
      await inbound.idle()
      const after = must(alice.context.queue.states.get(carol.context.ownId))
      assert.deepEqual([state.conversation.unread, after.conversation.unread], [1, 2])
    })

    it('throws away what it could not tell before it was closed, so that it comes again as new', async () => {
      const { context, tags, envelope } = await halfway()
      const inbound = new Inbound(context)
      const admitted = inbound.admit([envelope], 'bob')
      await bench.clock.advance(1_000)
      context.state.closed = true
      tags.close()
      await assert.rejects(admitted, { code: 'CLOSED' })
      assert.equal(isKept(envelope), false)
      const again = new Inbound(alice.context)
      assert.deepEqual(await again.admit([envelope], 'bob'), { fresh: [envelope], refused: 0 })
      assert.equal(onlyState(alice.context).conversation.unread, 2)
    })
  })
})
