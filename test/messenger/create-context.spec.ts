import assert from 'node:assert/strict'
import { MessengerError } from '../../src/errors.js'
import type { Context, NodeCalls } from '../../src/messenger/context.js'
import { createContext } from '../../src/messenger/create-context.js'
import { withContact, withConversation } from '../../src/messenger/peer-state.js'
import { expiryDay } from '../../src/protocol/envelope/envelope.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { createBench, friends, onlyState, type Bench } from '../support/messenger-bench.js'

describe('messenger/create-context', () => {
  let bench: Bench
  let alice: Context
  let called: string[]

  beforeEach(async () => {
    bench = createBench()
    const [{ context }] = await friends(bench)
    alice = context
    called = []
  })

  function create(): Context {
    const none = (): void => undefined
    const calls: NodeCalls = {
      expect: () => void called.push('expected'),
      flush: () => void called.push('flush'),
      owesReceipt: none,
      greet: none,
      forgetContact: none,
      lookUpBundles: none,
      lookThrough: () => void called.push('looked through'),
      heardInGossip: none,
      stir: () => void called.push('stirred'),
      publishOnce: none
    }
    return createContext({ ...alice, quota: 0 }, calls)
  }

  it('begins empty, on the store and with the identity it is given', () => {
    const context = create()
    assert.equal(context.ownId, alice.ownId)
    assert.deepEqual(
      [context.queue.states.size, context.outbox.size, context.mailbox.index.size, context.state.started],
      [0, 0, 0, false]
    )
  })

  it('follows what is committed before what comes after it, and seals what its steps send', async () => {
    const context = create()
    const state = onlyState(alice)
    const { id } = state.contact
    context.queue.restore(state)
    assert.equal(context.conversations.get(state.conversation.id), id)
    assert.ok(called.includes('expected'))
    assert.ok(called.includes('stirred'))
    context.onFailure('commit', new MessengerError('STORE_FULL', 'full'))
    const storage = [context.state.storage]
    await bench.run(
      context.queue.run(id, (unit) => {
        unit.state = withConversation(state, { unread: 7 })
        unit.send({
          number: 900,
          position: '',
          expiryDay: expiryDay(bench.clock.now(), DAY_MS),
          priority: 'routine',
          body: new Uint8Array(8)
        })
        unit.after(() => storage.push(context.state.storage))
      })
    )
    assert.deepEqual(storage, ['full', 'ok'])
    assert.equal(context.outbox.messagesTo(id), 1)
  })

  it('looks again at what is kept of a contact of whom more may be taken', async () => {
    const context = create()
    const { contact } = onlyState(alice)
    context.queue.restore(withContact(onlyState(alice), { blocked: true }))
    for (const blocked of [true, false, false]) {
      const changed = context.queue.run(contact.id, (unit) => {
        if (unit.state !== undefined) unit.state = withContact(unit.state, { blocked })
      })
      await bench.run(changed)
    }
    assert.equal(called.filter((call) => call === 'looked through').length, 1)
  })
})
