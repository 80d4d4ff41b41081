import assert from 'node:assert/strict'
import { markHeld } from '../../../src/messenger/carry/mark-held.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { createBench, friends, onlyState } from '../../support/messenger-bench.js'

describe('messenger/mark-held', () => {
  it('makes a message sent when somebody holds it, once, and tells of each holder', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    const { contact, conversation } = onlyState(alice.context)
    await bench.run(sendMessage(alice.context, conversation.id, 'held'))
    const told: (readonly [string, number | undefined])[] = []
    alice.context.events.addEventListener('message:update', ({ detail }) => {
      told.push([detail.status, detail.carriers])
    })
    const [entry] = alice.context.outbox.of(contact.id).values()
    assert.ok(entry?.item !== undefined)
    for (const peer of ['carol', 'dave', 'carol']) alice.context.holders.confirm(peer, [entry.item.id])
    await bench.clock.advance(1_000)
    assert.deepEqual(told, [
      ['sent', 2],
      ['sent', 2]
    ])
    markHeld(alice.context, [])
    await bench.run(alice.node.close())
  })
})
