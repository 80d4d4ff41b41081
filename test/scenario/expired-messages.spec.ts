import assert from 'node:assert/strict'
import { assertNoKeyTwice, befriend } from '../support/messenger-checks.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'

const DAY = 24 * 60 * 60 * 1000

/** `from` writes more than the other side looks ahead, and nobody is there to hear it in its lifetime. */
async function writeInVain(world: World, from: Person, to: Person, count: number): Promise<void> {
  await world.pass(60_000)
  const texts = Array.from({ length: count }, (_, index) => `lost ${String(index)}`)
  const messages = await from.sayAll(to, texts)
  for (let day = 0; day < 9; day++) await world.pass(DAY)
  assert.ok(messages.every((message) => from.statusOf(message) === 'expired'))
}

describe('after many messages have expired', function () {
  this.timeout(60_000)

  it('new ones reach somebody who comes back and says nothing', async () => {
    await inWorld({ seed: 501 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(alice.close())
      await writeInVain(world, bob, alice, 300)
      await alice.open()
      const message = await bob.say(alice, 'Are you back?')
      await world.until(() => bob.statusOf(message) === 'delivered')
      assert.equal(alice.heard.at(-1), 'Are you back?')
      assertNoKeyTwice(world.published)
    })
  })

  it('both can write again, though the recipient never knew of the chain they were in', async () => {
    await inWorld({ seed: 502 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await alice.say(bob, 'bye')
      await world.until(() => bob.heard.at(-1) === 'bye')
      await alice.crash()
      await writeInVain(world, bob, alice, 70)
      await alice.open()
      const [one, other] = [await alice.say(bob, 'I am back'), await bob.say(alice, 'Are you back?')]
      await world.until(() => alice.statusOf(one) === 'delivered' && bob.statusOf(other) === 'delivered')
      assert.deepEqual([alice.heard.at(-1), bob.heard.at(-1)], ['Are you back?', 'I am back'])
      assertNoKeyTwice(world.published)
    })
  })

  it('those that have not expired yet are sealed again and arrive', async () => {
    await inWorld({ seed: 503 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(alice.close())
      await world.pass(60_000)
      const kept = await bob.say(alice, 'This one has time', { lifetime: 28 * DAY })
      await writeInVain(world, bob, alice, 300)
      const late = await bob.say(alice, 'So has this', { lifetime: 28 * DAY })
      await alice.open()
      await world.until(() => bob.statusOf(kept) === 'delivered' && bob.statusOf(late) === 'delivered')
      assert.deepEqual(alice.heard.slice(-2).toSorted(), ['So has this', 'This one has time'])
      assertNoKeyTwice(world.published)
    })
  })
})
