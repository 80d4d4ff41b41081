import assert from 'node:assert/strict'
import { Carrying, createMailbox } from '../../../src/messenger/carry/carrying.js'
import { HELD_PROTOCOL } from '../../../src/messenger/carry/held-notices.js'
import { Inbound } from '../../../src/messenger/receive/inbound.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { createBench, friends, onlyState } from '../../support/messenger-bench.js'

describe('messenger/carrying', () => {
  it('finds own envelopes through the mailbox while they are in the outbox, and their ids after that', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const { mailbox, outbox } = alice.context
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    const state = onlyState(alice.context)
    await bench.run(sendMessage(alice.context, state.conversation.id, 'mine'))
    const [entry] = outbox.of(state.contact.id).values()
    assert.ok(entry?.item !== undefined)
    assert.deepEqual(await mailbox.read(entry.item), alice.published.at(-1))
    bench.hub.heal()
    await bench.until(() => outbox.size === 0)
    assert.notEqual(mailbox.index.find(entry.item), undefined)
    assert.equal(await mailbox.read(entry.item), undefined)
    const { onFailure, store, tables, clock } = alice.context
    const other = createMailbox(
      { store, tables, clock, quota: 0, onFailure: (error) => onFailure('x', error) },
      () => undefined
    )
    assert.equal(other.outbox.size, 0)
  })

  it('answers its own protocol and no other', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const carrying = new Carrying(alice.context, new Inbound(alice.context))
    assert.deepEqual(carrying.answer(HELD_PROTOCOL, Uint8Array.of(1), 'bob'), Uint8Array.of(1))
    assert.equal(carrying.answer('/other', Uint8Array.of(1), 'bob'), undefined)
  })
})
