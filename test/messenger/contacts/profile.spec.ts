import assert from 'node:assert/strict'
import { enqueueProfile } from '../../../src/messenger/contacts/profile.js'
import { rotatePrekeys } from '../../../src/messenger/contacts/own-identity.js'
import { withContact } from '../../../src/messenger/peer-state.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

describe('messenger/profile', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
  })

  async function told(when?: 'changed' | 'again'): Promise<number> {
    const before = onlyState(alice.context).conversation.nextNumber
    await step(bench, alice.context, onlyState(alice.context).contact.id, (unit) =>
      enqueueProfile(alice.context, unit, when)
    )
    return onlyState(alice.context).conversation.nextNumber - before
  }

  it('is told once, again when it has changed, and whenever asked', async () => {
    assert.equal(await told(), 0)
    assert.equal(await told('again'), 1)
    await rotatePrekeys(alice.context)
    assert.equal(await told(), 1)
    assert.equal(await told(), 0)
    await bench.until(() => alice.context.outbox.size === 0)
    assert.deepEqual(onlyState(bob.context).contact.bundle, alice.context.own.prekeys.bundle)
    alice.context.own.record = { ...alice.context.own.record, name: 'Alice' }
    assert.equal(await told(), 1)
    await bench.until(() => onlyState(bob.context).contact.profileName === 'Alice')
  })

  it('is kept from the blocked and the changed, and where we are from strangers', async () => {
    const { id } = onlyState(alice.context).contact
    const change = async (changes: Parameters<typeof withContact>[1]): Promise<void> => {
      await step(bench, alice.context, id, (unit) => {
        if (unit.state !== undefined) unit.state = withContact(unit.state, changes)
      })
    }
    await change({ blocked: true })
    assert.equal(await told('again'), 0)
    await change({ blocked: false, accepted: false })
    assert.equal(await told('again'), 1)
    await bench.until(() => alice.context.outbox.size === 0)
    assert.deepEqual(onlyState(bob.context).contact.addresses, [])
    await change({ accepted: true })
    assert.equal(await told(), 1)
    await bench.until(() => onlyState(bob.context).contact.addresses.length > 0)
  })
})
