import assert from 'node:assert/strict'
import { encodeConversationId } from '../../../src/codec/ids.js'
import { readMessages } from '../../../src/messenger/history.js'
import type { SendOptions } from '../../../src/messenger/messenger.js'
import { contactOf, sendMessage } from '../../../src/messenger/send/send-message.js'
import { withContact } from '../../../src/messenger/peer-state.js'
import { toEntry } from '../../../src/messenger/send/outbox.js'
import { MAX_CONTENT_BYTES, MAX_LIFETIME_DAYS, MAX_OUTBOX } from '../../../src/protocol/limits.js'
import { dayOf } from '../../../src/protocol/envelope/envelope.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

describe('messenger/send-message', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    const [one, other] = await friends(bench)
    alice = one
    for (const { node } of [one, other]) await bench.run(node.stop())
  })

  const here = (): ReturnType<typeof onlyState>['conversation']['id'] =>
    onlyState(alice.context).conversation.id

  it('notes how much a message matters, and refuses what is no priority', async () => {
    for (const priority of ['routine', 'urgent', 'emergency'] as const) {
      const sent = await bench.run(sendMessage(alice.context, here(), priority, { priority }))
      assert.equal(sent.priority, priority)
    }
    assert.equal((await bench.run(sendMessage(alice.context, here(), 'x'))).priority, 'routine')
    const stored: string[] = []
    for await (const { priority } of readMessages(alice.context, here(), { limit: 4 })) stored.push(priority)
    assert.deepEqual(stored, ['routine', 'urgent', 'emergency', 'routine'])
    const odd = JSON.parse('{ "priority": "toString" }') as SendOptions
    await assert.rejects(bench.run(sendMessage(alice.context, here(), 'x', odd)), { code: 'OPTIONS_INVALID' })
  })

  it('orders messages after everything their author had seen', async () => {
    const sent = []
    for (const text of ['a', 'b', 'c']) sent.push(await bench.run(sendMessage(alice.context, here(), text)))
    assert.deepEqual(
      sent.map(({ position }) => position),
      sent.map(({ position }) => position).toSorted()
    )
    assert.deepEqual(
      sent.map(({ status, own }) => [status, own]),
      sent.map(() => ['queued', true])
    )
    assert.equal(new Set(sent.map(({ id }) => id)).size, 3)
    assert.equal(onlyState(alice.context).conversation.lastPosition, sent.at(-1)?.position)
  })

  it('resolves once it is in the store, and rejects without a trace if it cannot be', async () => {
    const { store } = alice.context
    const before = onlyState(alice.context)
    const commit = store.commit.bind(store)
    store.commit = () => Promise.reject(new Error('no disk'))
    await assert.rejects(bench.run(sendMessage(alice.context, here(), 'lost')), /no disk/)
    assert.deepEqual([onlyState(alice.context), alice.context.outbox.size], [before, 0])
    store.commit = commit
    const kept = await bench.run(sendMessage(alice.context, here(), 'kept'))
    assert.ok((await store.get(alice.context.tables.message(before.contact.id, kept.position))) !== undefined)
  })

  it('lets nothing live longer than the network carries it', async () => {
    await bench.run(sendMessage(alice.context, here(), 'for ever', { lifetime: 1e15 }))
    const [entry] = alice.context.outbox.all()
    assert.equal(entry?.expiryDay, dayOf(bench.clock.now()) + MAX_LIFETIME_DAYS)
    for (const lifetime of [0, -1, Number.NaN]) {
      await assert.rejects(sendMessage(alice.context, here(), 'x', { lifetime }), { code: 'OPTIONS_INVALID' })
    }
  })

  it('measures a text in bytes', async () => {
    await bench.run(sendMessage(alice.context, here(), 'ä'.repeat(MAX_CONTENT_BYTES / 2)))
    await assert.rejects(sendMessage(alice.context, here(), 'ä'.repeat(MAX_CONTENT_BYTES / 2) + 'x'), {
      code: 'TOO_LARGE'
    })
  })

  it('has a bound on what waits, for messages that are sent at once too, and a reserve for emergencies', async () => {
    const { outbox } = alice.context
    const { contact } = onlyState(alice.context)
    const items = Array.from({ length: MAX_OUTBOX - 2 }, () => ({ position: '', body: new Uint8Array(0) }))
    outbox.add(toEntry(contact.id, { number: 2 ** 40, expiryDay: 65_000, priority: 'routine', items }))
    const send = (priority: SendOptions['priority']): Promise<unknown> =>
      sendMessage(alice.context, here(), 'x', { priority })
    const ended = await bench.run(Promise.allSettled(Array.from({ length: 5 }, () => send('routine'))))
    assert.equal(ended.filter(({ status }) => status === 'fulfilled').length, 2)
    assert.equal(outbox.messagesTo(contact.id), MAX_OUTBOX)
    await assert.rejects(bench.run(send('urgent')), { code: 'OUTBOX_FULL' })
    await bench.run(send('emergency'))
  })

  it('makes whoever it writes to a stranger no more', async () => {
    const { contact } = onlyState(alice.context)
    await step(bench, alice.context, contact.id, (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, { accepted: false })
    })
    await bench.run(sendMessage(alice.context, here(), 'who are you?'))
    assert.equal(onlyState(alice.context).contact.accepted, true)
  })

  it('knows no conversation it was not told of', () => {
    assert.throws(() => contactOf(alice.context, encodeConversationId(new Uint8Array(20))), {
      code: 'UNKNOWN_CONVERSATION'
    })
  })
})
