import assert from 'node:assert/strict'
import { rebuildConversation } from '../../src/messenger/rebuild-conversation.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { hasNumber } from '../../src/protocol/delivery/ranges.js'
import { createBench, friends, onlyState } from '../support/messenger-bench.js'

describe('messenger/rebuild-conversation', () => {
  it('finds in messages and outbox what the record would say', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'more'))
    await bench.until(() => bob.context.outbox.size === 0)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'waits'))
    const { contact, conversation } = onlyState(alice.context)
    const rebuilt = await rebuildConversation(alice.context, contact)
    assert.equal(rebuilt.id, conversation.id)
    assert.equal(rebuilt.lastPosition, conversation.lastPosition)
    assert.equal(rebuilt.order.clock, conversation.order.clock)
    assert.deepEqual(rebuilt.order.heads.slice(-1), conversation.order.heads.slice(-1))
    assert.ok(rebuilt.nextNumber >= conversation.nextNumber, 'no number is given out twice')
    const waiting = conversation.nextNumber - 1
    assert.equal(hasNumber(rebuilt.delivered, waiting), false)
    assert.equal(hasNumber(rebuilt.sent, waiting), true)
    for (const { stream, received } of rebuilt.streams) {
      const known = conversation.streams.find((other) => Buffer.compare(other.stream, stream) === 0)
      for (const [first, count] of received) {
        for (let number = first; number < first + count; number++)
          assert.ok(hasNumber(known?.received ?? [], number))
      }
    }
    assert.equal(rebuilt.receiptDue, true)
  })

  it('makes an empty one where there is nothing', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const { contact } = onlyState(alice.context)
    for await (const [key] of alice.context.store.range({ gte: 'message/', lt: 'message0' })) {
      await alice.context.store.commit([{ type: 'delete', key }])
    }
    const rebuilt = await rebuildConversation(alice.context, contact)
    assert.deepEqual([rebuilt.lastPosition, rebuilt.streams, rebuilt.sent], [undefined, [], []])
  })
})
