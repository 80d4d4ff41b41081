import assert from 'node:assert/strict'
import { redateMisdated } from '../../../src/messenger/send/redate.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { dayOf } from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS } from '../../../src/protocol/limits.js'
import { outboxRecord } from '../../../src/storage/records/outbox-record.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'

const CENTURY = Date.UTC(2100, 0, 1)

describe('messenger/redate', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice] = await friends(bench)
    await bench.clock.advance(5_000)
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
  })

  async function writtenAt(time: number, lifetime: number): Promise<void> {
    const { context } = alice
    const { id } = onlyState(context).conversation
    const wrong = { ...context, clock: { ...context.clock, now: () => time } }
    await bench.run(sendMessage(wrong, id, 'from another century', { lifetime }))
  }

  async function records(): Promise<ReturnType<typeof outboxRecord.decode>[]> {
    const { context } = alice
    const found = []
    for (const { contactId, number } of context.outbox.all()) {
      const bytes = await context.store.get(context.tables.outbox(contactId, number))
      assert.ok(bytes !== undefined)
      found.push(outboxRecord.decode(bytes))
    }
    return found
  }

  for (const [name, time] of [
    ['far ahead', CENTURY],
    ['at zero', 0]
  ] as const) {
    it(`seals again, to live from now, what a clock ${name} wrote`, async () => {
      await writtenAt(time, 3 * DAY_MS)
      const [before] = await records()
      const known = alice.context.mailbox.index.size
      await bench.run(redateMisdated(alice.context))
      await bench.until(() => [...alice.context.outbox.all()].every(({ sealed }) => sealed))
      const [after, ...more] = await records()
      assert.deepEqual(more, [])
      assert.equal(after?.expiryDay, dayOf(bench.clock.now()) + 3)
      assert.deepEqual([after.number, after.items], [before?.number, before?.items])
      assert.notDeepEqual(after.envelope, before?.envelope)
      assert.equal(alice.context.mailbox.index.size, known, 'the old envelope is offered to nobody')
      bench.hub.heal()
      await bench.until(() => alice.context.outbox.size === 0)
    })
  }

  it('leaves alone what lives as long as anything may, and everything while its own clock makes no sense', async () => {
    await writtenAt(bench.clock.now() + DAY_MS, 28 * DAY_MS)
    const before = await records()
    await bench.run(redateMisdated(alice.context))
    const { context } = alice
    await bench.run(redateMisdated({ ...context, clock: { ...context.clock, now: () => 0 } }))
    assert.deepEqual(await records(), before)
  })
})
