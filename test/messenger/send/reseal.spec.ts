import assert from 'node:assert/strict'
import { resealUnacknowledged } from '../../../src/messenger/send/reseal.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { outboxRecord } from '../../../src/storage/records/outbox-record.js'
import { createBench, friends, onlyState, step } from '../../support/messenger-bench.js'

describe('messenger/reseal', () => {
  it('seals again, under the same number, what was not acknowledged, and nothing else', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    const { context } = alice
    const { conversation, contact } = onlyState(context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(context, conversation.id, 'waits'))
    const [number] = context.outbox.of(contact.id).keys()
    assert.ok(number !== undefined)
    const key = context.tables.outbox(contact.id, number)
    const stored = async (): Promise<ReturnType<typeof outboxRecord.decode>> => {
      const bytes = await context.store.get(key)
      assert.ok(bytes !== undefined)
      return outboxRecord.decode(bytes)
    }
    const before = await stored()
    await step(bench, context, contact.id, (unit) => resealUnacknowledged(context, unit))
    await bench.until(() => !context.outbox.hasUnsealed(contact.id))
    const after = await stored()
    assert.deepEqual({ ...after, envelope: undefined }, { ...before, envelope: undefined })
    assert.notDeepEqual(after.envelope, before.envelope)
    assert.equal(context.outbox.size, 1)
    bench.hub.heal()
    await bench.until(() => context.outbox.size === 0)
    assert.equal(onlyState(bob.context).conversation.unread, 2)
  })

  it('does nothing for somebody unknown', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const { contact } = onlyState(alice.context)
    await step(bench, alice.context, contact.id, async (unit) => {
      const { state } = unit
      unit.state = undefined
      await resealUnacknowledged(alice.context, unit)
      unit.state = state
      assert.deepEqual(unit.writes, [])
    })
  })
})
