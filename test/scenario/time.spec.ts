import assert from 'node:assert/strict'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'
import { inWorld } from '../../src/simulator/world.js'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = 1_750_000_000_000

describe('time', () => {
  for (const [what, offset] of [
    ['a day ahead', DAY],
    ['a day behind', -DAY]
  ] as const) {
    it(`that is ${what} on one side changes nothing`, async () => {
      await inWorld({ seed: 601 }, async (world) => {
        const alice = await world.person('alice')
        const bob = await world.person('bob', { clockOffset: offset })
        await befriend(world, alice, bob)
        await befriend(world, alice, await world.person('carol'))
        for (let n = 0; n < 20; n++) {
          const [one, other] = [await alice.say(bob, `a${String(n)}`), await bob.say(alice, `b${String(n)}`)]
          await world.until(() => alice.statusOf(one) === 'delivered' && bob.statusOf(other) === 'delivered')
        }
        await assertSameHistory(alice, bob)
        const shown = await alice.history(bob)
        assert.ok(shown.every(({ sentAt }) => sentAt <= world.clock.now() + DAY))
        assertNoKeyTwice(world.published)
      })
    })
  }

  for (const [what, year] of [
    ['1970', 0],
    ['2100', 4_102_444_800_000]
  ] as const) {
    it(`that is ${what} on one side is survived: when it is set right, everything arrives`, async () => {
      await inWorld({ seed: 602 }, async (world) => {
        const [alice, bob] = [await world.person('alice'), await world.person('bob')]
        await befriend(world, alice, bob)
        const right = await bob.say(alice, 'My clock is still right')
        await world.until(() => bob.statusOf(right) === 'delivered')
        bob.clockOffset = year - world.clock.now()
        const asked = await bob.say(alice, 'What time is it?')
        const hers = await alice.say(bob, 'Set your clock')
        await world.pass(2 * HOUR)
        await bob.restart()
        await world.pass(2 * HOUR)
        assert.ok(!alice.heard.includes('What time is it?'), 'nobody takes what is dated so')
        bob.clockOffset = 0
        await bob.restart()
        await world.until(() => alice.statusOf(hers) === 'delivered', DAY)
        await world.until(() => bob.statusOf(asked) === 'delivered', HOUR)
        const after = await bob.say(alice, 'Better now')
        await world.until(() => bob.statusOf(after) === 'delivered', HOUR)
        const answer = await alice.say(bob, 'Yes')
        await world.until(() => alice.statusOf(answer) === 'delivered', HOUR)
        assert.ok(bob.heard.includes('Set your clock'))
        assert.deepEqual([alice.changes, bob.changes], [[], []])
        const ends = (await alice.history(bob)).slice(-2).map(({ id }) => id)
        assert.deepEqual(ends, [after.id, answer.id], 'the year of a message decides nothing')
        assertNoKeyTwice(world.published)
      })
    })

    it(`that was ${what} when somebody began is survived`, async () => {
      await inWorld({ seed: 603 }, async (world) => {
        const alice = await world.person('alice')
        const bob = await world.person('bob', { clockOffset: year - NOW })
        await world.pass(HOUR)
        bob.clockOffset = 0
        await world.pass(HOUR)
        await befriend(world, alice, bob)
        const hello = await alice.say(bob, 'You have the time now')
        await world.until(() => alice.statusOf(hello) === 'delivered', HOUR)
        await assertSameHistory(alice, bob)
      })
    })
  }

  it('of half a year passes: prekeys change by the week and the conversation goes on', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 604 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      for (let week = 0; week < 26; week++) {
        await world.pass(7 * DAY + HOUR)
        const [one, other] = [
          await alice.say(bob, `a${String(week)}`),
          await bob.say(alice, `b${String(week)}`)
        ]
        await world.until(() => alice.statusOf(one) === 'delivered' && bob.statusOf(other) === 'delivered')
        if (week % 8 === 3) await alice.restart()
        if (week % 8 === 5) await bob.crash().then(() => bob.open())
      }
      await assertSameHistory(alice, bob)
      assert.deepEqual([alice.changes, bob.changes], [[], []])
      assertNoKeyTwice(world.published)
      // What each knows of the other is the newest: a new session can begin without asking anybody.
      await world.run(bob.close())
      await world.run(alice.messenger.contacts.remove(bob.id))
      const dora = await world.person('dora')
      await befriend(world, alice, dora)
    })
  })

  it('of more than four weeks makes a bundle stale: a greeting without content goes first, the text follows the answer', async () => {
    await inWorld({ seed: 605 }, async (world) => {
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      // Nothing is written while the bundle is fresh.
      await world.pass(29.5 * DAY)
      const message = await bob.say(alice, 'After all this time', { lifetime: 28 * DAY })
      await world.pass(HOUR)
      assert.equal(bob.statusOf(message), 'queued', 'text waits for the answer')
      await alice.open()
      await world.until(() => bob.statusOf(message) === 'delivered', HOUR)
      assert.deepEqual(alice.heard, ['After all this time'])
      await assertSameHistory(alice, bob)
    })
  })

  it('of more than four weeks, and then somebody brings a fresh bundle: the text waits for no answer any more', async () => {
    await inWorld({ seed: 608 }, async (world) => {
      world.hub.partition([['alice', 'carol'], ['bob']])
      const alice = await world.person('alice')
      const card = await alice.card({ size: 'full' })
      await world.run(alice.close())
      const bob = await world.person('bob')
      await bob.add(card)
      await world.pass(29.5 * DAY)
      const message = await bob.say(alice, 'After all this time')
      await world.pass(HOUR)
      assert.equal(bob.statusOf(message), 'queued')
      await alice.open()
      const carol = await world.person('carol')
      await world.pass(HOUR)
      await world.run(alice.close())
      // Alice and Bob are never there at the same time.
      world.hub.heal()
      await world.until(() => bob.statusOf(message) === 'sent', HOUR)
      await world.run(bob.close())
      await alice.open()
      await world.until(() => alice.heard.includes('After all this time'), HOUR)
      assert.deepEqual([carol.heard, alice.changes], [[], []])
    })
  })

  it('of months away: somebody comes back and both can write at once', async () => {
    await inWorld({ seed: 607 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      await world.run(bob.close())
      await world.pass(90 * DAY)
      const early = await alice.say(bob, 'Long time no see')
      await bob.open()
      const late = await bob.say(alice, 'I was on the sea')
      await world.until(
        () => alice.statusOf(early) === 'delivered' && bob.statusOf(late) === 'delivered',
        HOUR
      )
      await assertSameHistory(alice, bob)
    })
  })
})
