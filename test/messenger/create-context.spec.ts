import assert from 'node:assert/strict'
import type { Context } from '../../src/messenger/context.js'
import { createContext, type ContextCalls } from '../../src/messenger/create-context.js'
import { withConversation } from '../../src/messenger/peer-state.js'
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
    const calls: ContextCalls = {
      onFailure: (what) => void called.push(`${what} failed`),
      onChange: () => void called.push('changed'),
      expect: none,
      flush: () => void called.push('flush'),
      owesReceipt: none,
      greet: none,
      forgetContact: none,
      sealSoon: none,
      lookUpBundles: none,
      lookThrough: none,
      heardInGossip: none,
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

  it('tells of a change when it is committed, before what follows; and seals what its steps send', async () => {
    const context = create()
    const state = onlyState(alice)
    context.queue.restore(state)
    const { id } = state.contact
    called = []
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
        unit.after(() => called.push('followed'))
      })
    )
    assert.deepEqual(called.slice(0, 2), ['changed', 'followed'])
    assert.equal(context.outbox.messagesTo(id), 1)
  })
})
