import assert from 'node:assert/strict'
import { admitPayload, isMoreWelcome, isWelcome } from '../../../src/messenger/receive/admit.js'
import {
  onlyState,
  createBench,
  friends,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'
import { withContact, withConversation } from '../../../src/messenger/peer-state.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { hasNumber } from '../../../src/protocol/delivery/ranges.js'
import {
  DAY_MS,
  EMERGENCY_PERIOD,
  MAX_CLOCK_JUMP,
  MAX_EMERGENCIES,
  MAX_STRANGER_MESSAGES
} from '../../../src/protocol/limits.js'
import { STREAM_BYTES, type Body, type Payload } from '../../../src/protocol/message/payload.js'

describe('messenger/admit', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    bench.hub.partition([['alice'], ['bob']])
  })

  const conversation = (): ReturnType<typeof onlyState>['conversation'] =>
    onlyState(alice.context).conversation

  async function admit(payload: Payload): Promise<void> {
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) =>
      admitPayload(alice.context, unit, payload)
    )
  }

  const ownStream = (): Uint8Array => alice.context.own.record.identity.incarnation.slice(0, STREAM_BYTES)

  function body(number: number, more: Partial<Body> = {}): Body {
    const stream = new Uint8Array(STREAM_BYTES).fill(7)
    return { stream, number, clock: 1, parents: [], sentAt: 5, text: `text ${String(number)}`, ...more }
  }

  async function waiting(): Promise<number> {
    const number = conversation().nextNumber
    await bench.run(sendMessage(alice.context, conversation().id, 'waits'))
    return number
  }

  it('takes a receipt for what was sent, and for nothing else', async () => {
    const number = await waiting()
    const beyond = number + 1_000
    await admit({
      bodies: [],
      receipts: [{ stream: new Uint8Array(STREAM_BYTES), delivered: [number, 1], read: [] }]
    })
    assert.equal(alice.context.outbox.size, 1, 'of another stream')
    await admit({
      bodies: [],
      receipts: [{ stream: ownStream(), delivered: [beyond, 1], read: [beyond, 1] }]
    })
    assert.equal(alice.context.outbox.size, 1, 'of a number nobody has')
    assert.equal(hasNumber(conversation().read, beyond), false)
    await admit({ bodies: [], receipts: [{ stream: ownStream(), delivered: [number, 1], read: [] }] })
    assert.deepEqual([alice.context.outbox.size, hasNumber(conversation().delivered, number)], [0, true])
    const stored = await alice.context.store.get(
      alice.context.tables.outbox(onlyState(alice.context).contact.id, number)
    )
    assert.equal(stored, undefined)
  })

  it('takes a receipt for nothing that was written after the last message it knows of', async () => {
    const number = await waiting()
    const sentAt = bench.clock.now()
    const receipt = (latest: number): Payload => ({
      bodies: [],
      receipts: [{ stream: ownStream(), delivered: [number, 1], read: [number, 1], latest }]
    })
    await admit(receipt(sentAt - 1))
    assert.deepEqual([alice.context.outbox.size, hasNumber(conversation().read, number)], [1, false])
    await admit(receipt(sentAt))
    assert.deepEqual([alice.context.outbox.size, hasNumber(conversation().read, number)], [0, true])
  })

  it('takes no word of what was read from a receipt of another time', async () => {
    const early = await waiting()
    const sentAt = bench.clock.now()
    await bench.run(sendMessage(alice.context, conversation().id, 'on the way'))
    await bench.clock.advance(5_000)
    const late = await waiting()
    const receipt = (numbers: readonly number[], latest: number): Payload => ({
      bodies: [],
      receipts: [{ stream: ownStream(), delivered: [], read: [...numbers], latest }]
    })
    await admit(receipt([early, late - early + 1], sentAt))
    assert.equal(hasNumber(conversation().read, early), false, 'it names what was written later')
    await admit(receipt([early, 1], sentAt))
    assert.deepEqual(
      [early, early + 1, late].map((number) => hasNumber(conversation().read, number)),
      [true, false, false]
    )
    assert.equal(alice.context.outbox.size, 3, 'read, and not said to be stored')
  })

  it('tells the app once of what was read, and not of what it knew', async () => {
    const number = await waiting()
    const told: string[] = []
    alice.context.events.addEventListener('message:update', ({ detail }) => told.push(detail.status))
    const read = { stream: ownStream(), delivered: [number, 1], read: [number, 1] }
    await admit({ bodies: [], receipts: [read] })
    await admit({ bodies: [], receipts: [read] })
    assert.deepEqual(told, ['read'])
    const next = await waiting()
    await admit({ bodies: [], receipts: [{ ...read, delivered: [number, 2], read: [number, 1] }] })
    await admit({ bodies: [], receipts: [{ ...read, delivered: [number, 2], read: [number, 2] }] })
    assert.equal(next, number + 1)
    assert.deepEqual(told, ['read', 'delivered', 'read'])
  })

  it('says that somebody was heard at most once a second', async () => {
    await bench.clock.advance(5_000)
    let count = 0
    alice.context.events.addEventListener('contact:update', () => count++)
    const nothing: Payload = { bodies: [], receipts: [] }
    await admit(nothing)
    await admit(nothing)
    assert.equal(count, 1)
    await bench.clock.advance(1_001)
    await admit(nothing)
    assert.equal(count, 2)
  })

  it('says that somebody was heard whose last word a clock that was ahead has dated', async () => {
    await bench.clock.advance(1_001)
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) => {
      if (unit.state !== undefined)
        unit.state = withConversation(unit.state, { heardAt: bench.clock.now() + DAY_MS })
    })
    let count = 0
    alice.context.events.addEventListener('contact:update', () => count++)
    await admit({ bodies: [], receipts: [] })
    assert.equal(count, 1)
  })

  it('keeps beside each other what an author gave one number to, going on from an old copy, each once', async () => {
    const { unread } = conversation()
    const { text: _none, ...bare } = body(5)
    const data = (mediaType: string, byte: number): Body => ({
      ...bare,
      data: { mediaType, bytes: Uint8Array.of(byte) }
    })
    const sayings = [
      body(5, { text: 'first' }),
      body(5, { text: 'again' }),
      data('image/png', 1),
      data('image/png', 2),
      data('image/gif', 1)
    ]
    for (let n = 0; n < 2; n++) for (const saying of sayings) await admit({ bodies: [saying], receipts: [] })
    assert.equal(conversation().unread, unread + sayings.length)
  })

  it('tells data that came first from data of another kind or content under its number', async () => {
    const { unread } = conversation()
    const { text: _none, ...bare } = body(5)
    const data = (mediaType: string, byte: number): Body => ({
      ...bare,
      data: { mediaType, bytes: Uint8Array.of(byte) }
    })
    const sayings = [data('image/png', 1), data('image/png', 2), data('image/gif', 1), body(5)]
    for (let n = 0; n < 2; n++) for (const saying of sayings) await admit({ bodies: [saying], receipts: [] })
    assert.equal(conversation().unread, unread + sayings.length)
  })

  it('notes the latest message of a stream, whatever order they come in', async () => {
    for (const [number, sentAt] of [
      [1, 50],
      [2, 90],
      [3, 70]
    ] as const)
      await admit({ bodies: [body(number, { sentAt })], receipts: [] })
    const stream = conversation().streams.find(({ stream: [first] }) => first === 7)
    assert.equal(stream?.latest, 90)
  })

  it('is not slowed down by a receipt for everything', async () => {
    await waiting()
    const all = [0, Number.MAX_SAFE_INTEGER]
    // Counted one by one it would not end before the test is given up.
    await admit({ bodies: [], receipts: [{ stream: ownStream(), delivered: all, read: all }] })
    // Nor believed: it names what was never said.
    assert.equal(alice.context.outbox.size, 1)
    assert.equal(hasNumber(conversation().read, conversation().nextNumber), false)
  })

  it('takes each number of a stream once', async () => {
    const { unread } = conversation()
    for (const number of [5, 5, 4, 6, 4]) await admit({ bodies: [body(number)], receipts: [] })
    assert.equal(conversation().unread, unread + 3)
    await admit({ bodies: [body(5, { stream: new Uint8Array(STREAM_BYTES).fill(8) })], receipts: [] })
    assert.equal(conversation().unread, unread + 4, 'another stream counts for itself')
    assert.equal(conversation().receiptDue, true)
  })

  it('takes over everything that travelled together', async () => {
    const { unread } = conversation()
    await admit({ bodies: [body(1), body(2), body(1), body(3)], receipts: [] })
    assert.equal(conversation().unread, unread + 3)
  })

  it('forgets messages that travel together when the last of them is acknowledged', async () => {
    const first = conversation().nextNumber
    const { id } = conversation()
    await bench.run(Promise.all(['one', 'two'].map((text) => sendMessage(alice.context, id, text))))
    const receiptFor = (number: number): Payload => ({
      bodies: [],
      receipts: [{ stream: ownStream(), delivered: [number, 1], read: [] }]
    })
    await admit(receiptFor(first + 1))
    assert.deepEqual(
      [first, first + 1].map((number) => hasNumber(conversation().delivered, number)),
      [false, true]
    )
    assert.equal(alice.context.outbox.size, 2)
    await admit(receiptFor(first))
    assert.equal(hasNumber(conversation().delivered, first), true)
    assert.equal(alice.context.outbox.size, 0)
  })

  it('lets nobody claim the end of a conversation for ever', async () => {
    const { clock } = conversation().order
    await admit({ bodies: [body(1, { clock: clock + MAX_CLOCK_JUMP + 1 })], receipts: [] })
    assert.equal(conversation().order.clock, clock + 1)
    await admit({ bodies: [body(2, { clock: Number.MAX_SAFE_INTEGER })], receipts: [] })
    assert.equal(conversation().order.clock, clock + 2)
    await admit({ bodies: [body(3, { clock: clock + 500 })], receipts: [] })
    assert.equal(conversation().order.clock, clock + 500)
  })

  it('shows so many emergencies of a contact in an hour, and those of a stranger as routine', async () => {
    const shown: string[] = []
    alice.context.events.addEventListener('message:receive', ({ detail }) => shown.push(detail.priority))
    const emergency = (number: number): Body => body(number, { priority: 2 })
    await admit({ bodies: [body(1), body(2, { priority: 1 }), body(3, { priority: 9 })], receipts: [] })
    assert.deepEqual(shown.splice(0), ['routine', 'urgent', 'routine'])
    const many = Array.from({ length: MAX_EMERGENCIES + 2 }, (_, n) => emergency(10 + n))
    await admit({ bodies: many, receipts: [] })
    assert.equal(shown.indexOf('urgent'), MAX_EMERGENCIES)
    assert.equal(shown.splice(0).length, MAX_EMERGENCIES + 2)
    await bench.clock.advance(EMERGENCY_PERIOD)
    await admit({ bodies: [emergency(30)], receipts: [] })
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, { accepted: false })
    })
    await admit({ bodies: [emergency(31)], receipts: [] })
    assert.deepEqual(shown, ['emergency', 'routine'])
  })

  it('takes over the newest profile, and no older one that comes late', async () => {
    const profile = (name: string): NonNullable<Body['profile']> => ({
      name,
      addresses: [],
      bundle: new Uint8Array(0)
    })
    const told = (number: number, name: string): Payload => {
      const { text: _none, ...rest } = body(number)
      return { bodies: [{ ...rest, profile: profile(name) }], receipts: [] }
    }
    await admit(told(9, 'new'))
    await admit(told(8, 'old'))
    assert.equal(onlyState(alice.context).contact.profileName, 'new')
    assert.equal(conversation().unread, 1, 'a profile is no message')
  })

  it('says what is welcome: of a stranger only so much, and nothing this version does not know', () => {
    const state = onlyState(alice.context)
    const stranger = withContact(state, { accepted: false })
    const full = withConversation(stranger, { unread: MAX_STRANGER_MESSAGES })
    const message = { bodies: [body(1)], receipts: [] }
    const { text: _none, ...unknown } = body(1)
    assert.deepEqual(
      [state, stranger, full].map((one) => isWelcome(one, message)),
      [true, true, false]
    )
    assert.equal(isWelcome(state, { bodies: [body(2), unknown], receipts: [] }), false)
    const many = { bodies: Array.from({ length: MAX_STRANGER_MESSAGES }, (_, n) => body(n)), receipts: [] }
    const fresh = withConversation(stranger, { unread: 0 })
    const lately = withConversation(stranger, { unread: 1 })
    assert.deepEqual(
      [state, fresh, lately].map((one) => isWelcome(one, many)),
      [true, true, false],
      'the first envelope in any case'
    )
    assert.equal(isWelcome(full, { bodies: [], receipts: [] }), true)
  })

  it('says when more may be welcome than before', () => {
    const friend = onlyState(alice.context)
    const stranger = withConversation(withContact(friend, { accepted: false }), { unread: 5 })
    const [blocked, changed] = [
      withContact(friend, { blocked: true }),
      withContact(friend, { change: 'device-key' })
    ]
    const less = withConversation(stranger, { unread: 4 })
    const yes = [
      [blocked, friend],
      [changed, friend],
      [stranger, friend],
      [stranger, less]
    ] as const
    for (const [before, after] of yes) {
      assert.ok(isMoreWelcome(before, after))
      assert.ok(!isMoreWelcome(after, before))
    }
    assert.ok(!isMoreWelcome(friend, withConversation(friend, { unread: 0 })))
    assert.ok(!isMoreWelcome(stranger, withContact(friend, { blocked: true })))
  })

  it('tells the app after the commit, with the message as it is stored', async () => {
    const heard: string[] = []
    alice.context.events.addEventListener('message:receive', ({ detail }) => {
      assert.equal(conversation().lastPosition, detail.position)
      heard.push(detail.content.kind === 'text' ? detail.content.text : '')
    })
    await admit({ bodies: [body(1, { clock: 100 })], receipts: [] })
    await admit({ bodies: [body(1, { clock: 100 })], receipts: [] })
    assert.deepEqual(heard, ['text 1'])
    assert.equal(bob.context.queue.states.size, 1)
  })
})
