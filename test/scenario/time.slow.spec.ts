import assert from 'node:assert/strict'
import { assertSameHistory } from '../support/messenger-checks.js'
import { inWorld } from '../../src/simulator/world.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR

// The invites of the cards are over by then: first contact costs a proof of work.
describe('a long time', function () {
  this.timeout(300_000)

  it('of five weeks makes a bundle stale: a greeting without content goes first, the text follows the answer', async () => {
    await inWorld({ seed: 605 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      // Nothing is written while the bundle is fresh.
      await world.pass(35 * DAY)
      const message = await bob.say(alice, 'After all this time', { lifetime: 28 * DAY })
      await world.pass(HOUR)
      assert.equal(bob.statusOf(message), 'queued', 'text waits for the answer')
      await alice.open()
      await world.until(() => bob.statusOf(message) === 'delivered', HOUR)
      assert.deepEqual(alice.heard, ['After all this time'])
      await assertSameHistory(alice, bob)
    })
  })

  it('of a hundred days makes a bundle useless: text waits for a fresh one', async () => {
    await inWorld({ seed: 606 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      await world.pass(100 * DAY)
      const message = await bob.say(alice, 'A hundred days', { lifetime: 28 * DAY })
      await world.pass(HOUR)
      assert.equal(bob.statusOf(message), 'queued')
      assert.equal((await bob.contact(alice)).session, 'waiting-for-bundle')
      await alice.open()
      await world.until(() => bob.statusOf(message) === 'delivered', HOUR)
    })
  })
})
