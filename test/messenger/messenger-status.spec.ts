import assert from 'node:assert/strict'
import { messengerStatus } from '../../src/messenger/messenger-status.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { createBench, friends, onlyState } from '../support/messenger-bench.js'

describe('messenger/messenger-status', () => {
  it('tells peers, contacts and what waits since when', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    await bench.clock.advance(5_000)
    const quiet = await messengerStatus(alice.context)
    assert.deepEqual(
      [quiet.started, quiet.contacts, quiet.outbox, quiet.storage],
      [true, 1, { messages: 0 }, 'ok']
    )
    assert.deepEqual(
      quiet.peers.map(({ peer, takesPart }) => [peer, takesPart]),
      [['bob', true]]
    )
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    const { id } = onlyState(alice.context).conversation
    const first = await bench.run(sendMessage(alice.context, id, 'first'))
    await bench.clock.advance(1_000)
    await bench.run(sendMessage(alice.context, id, 'second'))
    const busy = await messengerStatus(alice.context)
    assert.deepEqual([busy.peers, busy.outbox], [[], { messages: 2, oldest: Math.floor(first.storedAt) }])
    assert.equal(busy.mailbox.own, quiet.mailbox.own + 2)
    bench.hub.heal()
    await bench.until(() => alice.context.reconciled.size > 0)
    const [peer] = (await messengerStatus(alice.context)).peers
    assert.ok(Math.abs((peer?.reconciledAt ?? 0) - bench.clock.now()) < 20_000)
  })

  it('knows the contact behind a peer that it has named as its own', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    const { id } = onlyState(alice.context).contact
    await bench.run(
      alice.context.queue.run(id, (unit) => {
        if (unit.state === undefined) return
        unit.state = {
          ...unit.state,
          contact: { ...unit.state.contact, addresses: ['/ip4/10.0.0.1/tcp/1/p2p/bob'] }
        }
      })
    )
    const [peer] = (await messengerStatus(alice.context)).peers
    assert.equal(peer?.contactId, bob.context.ownId)
  })
})
