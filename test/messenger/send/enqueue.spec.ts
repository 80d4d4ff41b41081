import assert from 'node:assert/strict'
import { enqueueBody, markSent, sealWaiting } from '../../../src/messenger/send/enqueue.js'
import { numbersOf, type OutboxEntry } from '../../../src/messenger/send/outbox.js'
import { withContact } from '../../../src/messenger/peer-state.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { hasNumber } from '../../../src/protocol/delivery/ranges.js'
import {
  DAY_MS,
  EMERGENCY_RESERVE,
  MAX_BODIES,
  MAX_CONTENT_BYTES,
  MAX_ENVELOPE_BYTES,
  MAX_UNACKNOWLEDGED
} from '../../../src/protocol/limits.js'
import type { Priority } from '../../../src/protocol/message/priority.js'
import { STREAM_BYTES, type Body } from '../../../src/protocol/message/payload.js'
import { outboxRecord } from '../../../src/storage/records/outbox-record.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

const DAY = 30_000

describe('messenger/enqueue', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    const [one, other] = await friends(bench)
    alice = one
    for (const { node } of [one, other]) await bench.run(node.stop())
  })

  const id = (): ReturnType<typeof onlyState>['contact']['id'] => onlyState(alice.context).contact.id

  async function enqueue(count: number, priority?: number): Promise<void> {
    await step(bench, alice.context, id(), (unit) => {
      for (let n = 0; n < count; n++) {
        const number = unit.state?.conversation.nextNumber ?? 0
        const stream = new Uint8Array(STREAM_BYTES)
        const body: Body = { stream, number, clock: 1, parents: [], sentAt: 1, text: String(n) }
        if (priority !== undefined) body.priority = priority
        enqueueBody(unit, body, `p${String(number)}`, DAY)
      }
    })
  }

  async function change(contact: Parameters<typeof withContact>[1]): Promise<void> {
    await step(bench, alice.context, id(), (unit) => {
      if (unit.state !== undefined) unit.state = withContact(unit.state, contact)
    })
  }

  const entries = (): OutboxEntry[] => [...alice.context.outbox.of(id()).values()]
  /** Of each message, whether it is sealed. */
  const sealed = (): boolean[] => entries().flatMap((entry) => entry.positions.map(() => entry.sealed))
  /** How many messages share each envelope. */
  const shares = (): number[] => entries().map(({ positions }) => positions.length)

  async function sendAll(texts: readonly string[], lifetime = 7 * DAY_MS): Promise<void> {
    const { conversation } = onlyState(alice.context)
    await bench.run(
      Promise.all(texts.map((text) => sendMessage(alice.context, conversation.id, text, { lifetime })))
    )
  }

  it('numbers bodies one after the other and seals them while it may', async () => {
    const first = onlyState(alice.context).conversation.nextNumber
    await enqueue(3)
    assert.equal(onlyState(alice.context).conversation.nextNumber, first + 3)
    assert.deepEqual(entries().flatMap(numbersOf), [first, first + 1, first + 2])
    assert.deepEqual(sealed(), [true, true, true])
  })

  it('keeps them unsealed while the contact is blocked or changed, and seals them in order later', async () => {
    await change({ blocked: true })
    await enqueue(2)
    await change({ blocked: false, change: 'device-key' })
    await enqueue(1)
    assert.deepEqual(sealed(), [false, false, false])
    await step(bench, alice.context, id(), (unit) => {
      if (unit.state === undefined) return
      const { change: _decided, ...contact } = unit.state.contact
      unit.state = { ...unit.state, contact }
    })
    const more = await step(bench, alice.context, id(), (unit) => sealWaiting(alice.context, unit))
    assert.equal(more, false)
    assert.deepEqual(sealed(), [true, true, true])
    const { sessions } = onlyState(alice.context)
    assert.ok((sessions[0]?.sending?.next ?? 0) >= 2)
  })

  it('seals no more than may be under way, and a backlog step by step', async () => {
    await change({ blocked: true })
    for (let n = 0; n < 22; n++) await enqueue(50)
    await change({ blocked: false })
    let steps = 0
    while (await step(bench, alice.context, id(), (unit) => sealWaiting(alice.context, unit))) steps++
    assert.ok(steps >= 4, `${String(steps)} steps`)
    const room = MAX_UNACKNOWLEDGED - EMERGENCY_RESERVE
    assert.equal(sealed().filter(Boolean).length, room)
    assert.equal(sealed().indexOf(false), room, 'the oldest first')
  })

  it('has room for an emergency when there is none for anything else', async () => {
    await change({ blocked: true })
    for (let n = 0; n < 22; n++) await enqueue(50)
    await change({ blocked: false })
    while (await step(bench, alice.context, id(), (unit) => sealWaiting(alice.context, unit)));
    const { conversation } = onlyState(alice.context)
    for (const priority of ['urgent', 'emergency'] as const)
      await bench.run(sendMessage(alice.context, conversation.id, priority, { priority }))
    assert.deepEqual(
      entries()
        .slice(-2)
        .map(({ priority, sealed }) => [priority, sealed]),
      [
        ['urgent', false],
        ['emergency', true]
      ]
    )
  })

  it('seals what is most pressing first, and lets nothing overtake what is alike', async () => {
    await change({ blocked: true })
    await enqueue(2, 0)
    await enqueue(1, 2)
    await enqueue(1, 1)
    await enqueue(1, 2)
    await change({ blocked: false })
    const ready: string[] = []
    await step(bench, alice.context, id(), (unit) => sealWaiting(alice.context, unit))
    for (const { positions } of alice.context.outbox.take(10, bench.clock.now())) ready.push(...positions)
    const first = onlyState(alice.context).conversation.nextNumber - 5
    assert.deepEqual(
      ready,
      [2, 4, 3, 0, 1].map((n) => `p${String(first + n)}`)
    )
  })

  it('does not put together what does not matter alike', async () => {
    const { conversation } = onlyState(alice.context)
    const say = (text: string, priority: Priority): Promise<unknown> =>
      sendMessage(alice.context, conversation.id, text, { priority })
    await bench.run(
      Promise.all([say('a', 'routine'), say('b', 'emergency'), say('c', 'emergency'), say('d', 'routine')])
    )
    assert.deepEqual(
      alice.context.outbox
        .take(10, bench.clock.now())
        .map(({ priority, positions }) => [priority, positions.length]),
      [
        ['emergency', 2],
        ['routine', 1],
        ['routine', 1]
      ]
    )
  })

  it('seals a message by itself at once, and those sent in the same breath together', async () => {
    await sendAll(['one'])
    await sendAll(['two', 'three', 'four'])
    assert.deepEqual(shares(), [1, 3])
    assert.deepEqual(sealed(), [true, true, true, true])
  })

  it('fills no envelope beyond its size, and none with more messages than it may hold', async () => {
    const half = 'x'.repeat(MAX_CONTENT_BYTES / 2)
    await sendAll([half, half, 'x'.repeat(MAX_CONTENT_BYTES), 'small', 'small'])
    assert.deepEqual(shares(), [1, 1, 1, 2])
    assert.ok(entries().every(({ fresh }) => (fresh?.length ?? Infinity) <= MAX_ENVELOPE_BYTES))
    await enqueue(MAX_BODIES + 1)
    assert.deepEqual(shares(), [1, 1, 1, 2, MAX_BODIES, 1])
  })

  it('keeps apart what does not expire together', async () => {
    await Promise.all([sendAll(['week', 'week']), sendAll(['day'], DAY_MS), sendAll(['week'])])
    assert.deepEqual(shares(), [2, 1, 1])
  })

  it('keeps the body beside the envelope, for another session', async () => {
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'kept'))
    const [number] = alice.context.outbox.of(id()).keys()
    const bytes = await alice.context.store.get(alice.context.tables.outbox(id(), number ?? 0))
    const record = bytes === undefined ? undefined : outboxRecord.decode(bytes)
    assert.ok(record?.envelope !== undefined)
    assert.ok(Buffer.from(record.items[0]?.body ?? []).includes('kept'))
    assert.ok(!Buffer.from(record.envelope).includes('kept'))
  })

  it('marks numbers as sent', async () => {
    await enqueue(2)
    const [one, other] = entries().flatMap(numbersOf)
    await step(bench, alice.context, id(), (unit) => {
      markSent(unit, [one ?? 0])
    })
    const { sent } = onlyState(alice.context).conversation
    assert.deepEqual([hasNumber(sent, one ?? 0), hasNumber(sent, other ?? 0)], [true, false])
  })
})
