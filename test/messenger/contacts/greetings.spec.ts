import assert from 'node:assert/strict'
import { withSession } from '../../../src/messenger/peer-state.js'
import { addContact, removeContact } from '../../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import { createBench, onlyState, step, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/greetings', () => {
  let bench: Bench
  let bob: BenchNode
  let card: string

  beforeEach(async () => {
    bench = createBench()
    const alice = await bench.open('alice')
    bob = await bench.open('bob')
    card = await bench.run(makeCard(alice.context, { size: 'full' }))
    await bench.run(alice.node.stop())
    await bench.run(addContact(bob.context, card))
    await bench.clock.advance(5_000)
    await makeStale()
    // What else would be published: the introduction.
    bob.context.outbox.removeContact(onlyState(bob.context).contact.id)
    bob.published.length = 0
  })

  /** As if Alice's bundle had been past its life when the session began; there is no other. */
  async function makeStale(): Promise<void> {
    await step(bench, bob.context, onlyState(bob.context).contact.id, (unit) => {
      const [session] = unit.state?.sessions ?? []
      if (unit.state === undefined || session === undefined) return
      const { bundle: _past, ...contact } = unit.state.contact
      unit.state = { ...withSession(unit.state, { ...session, stale: true }), contact }
    })
  }

  function greet(): void {
    bob.context.greet(onlyState(bob.context).contact.id)
  }

  it('is not said while nobody is there to hear it', async () => {
    greet()
    await bench.clock.advance(5_000)
    assert.deepEqual(bob.published, [])
  })

  it('is said to somebody who may carry it, and repeated as it was, a minute apart', async () => {
    const carol = await bench.open('carol')
    await bench.clock.advance(5_000)
    for (let n = 0; n < 100; n++) {
      greet()
      await bench.clock.advance(5_000)
    }
    assert.deepEqual(carol.context.queue.states.size, 0)
    const distinct = new Set(bob.published.map((envelope) => Buffer.from(envelope).toString('hex')))
    assert.ok(bob.published.length >= 8 && bob.published.length <= 10, String(bob.published.length))
    assert.equal(distinct.size, 1)
  })

  it('is said at once to a contact that was removed and is met again', async () => {
    await bench.open('carol')
    await bench.clock.advance(5_000)
    greet()
    await bench.clock.advance(1_000)
    await bench.run(removeContact(bob.context, onlyState(bob.context).contact.id))
    await bench.run(addContact(bob.context, card))
    await makeStale()
    bob.context.outbox.removeContact(onlyState(bob.context).contact.id)
    await bench.clock.advance(1_000)
    bob.published.length = 0
    greet()
    await bench.clock.advance(1_000)
    assert.equal(bob.published.length, 1)
  })

  it('is not said to somebody who is blocked', async () => {
    await bench.open('carol')
    await step(bench, bob.context, onlyState(bob.context).contact.id, (unit) => {
      if (unit.state !== undefined)
        unit.state = { ...unit.state, contact: { ...unit.state.contact, blocked: true } }
    })
    greet()
    await bench.clock.advance(5_000)
    assert.deepEqual(bob.published, [])
  })
})
