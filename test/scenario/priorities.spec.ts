import assert from 'node:assert/strict'
import type { Priority } from '../../src/index.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'

const MINUTE = 60_000
/** Bytes a second of the short contact, and how long it lasts, ms: thirty of the smallest envelopes at best. */
const SLOW = 2_048
const SHORT = 8_000

async function apart(world: World, ...people: readonly Person[]): Promise<void> {
  world.hub.partition(people.map(({ name }) => [name]))
  await world.pass(20_000)
}

/** Alice has written a lot to bob and then one thing more; they meet for a moment on a slow link. What bob has heard by then. */
async function shortContact(priority: Priority, backlog: number): Promise<readonly string[]> {
  let heard: readonly string[] = []
  await inWorld({ seed: 821 }, async (world) => {
    const [alice, bob] = [await world.person('alice'), await world.person('bob')]
    await befriend(world, alice, bob)
    await apart(world, alice, bob)
    const texts = Array.from({ length: backlog }, (_, n) => `about the weather ${String(n)}`)
    await alice.sayApart(bob, texts)
    await alice.say(bob, 'help', { priority })
    world.hub.disturb({ bandwidth: SLOW })
    world.hub.heal()
    await world.pass(SHORT)
    world.hub.partition([['alice'], ['bob']])
    heard = bob.heard.slice(1)
    await world.pass(20_000)
    world.hub.disturb({ bandwidth: 1_000_000 })
    world.hub.heal()
    await world.until(() => bob.inbox.length === backlog + 2, 10 * MINUTE)
    await assertSameHistory(alice, bob)
    assertNoKeyTwice(world.published)
  })
  return heard
}

describe('a short contact', () => {
  it('is crossed by an emergency first, whatever was written before it, and it is recognised', async () => {
    const heard = await shortContact('emergency', 600)
    assert.ok(heard.includes('help'), `heard ${String(heard.length)}`)
    assert.ok(heard.length < 40, `heard ${String(heard.length)}`)
  })

  it('is over before what is routine has had its turn', async () => {
    const heard = await shortContact('routine', 600)
    assert.ok(!heard.includes('help'), `heard ${String(heard.length)}`)
  })

  it('is crossed by what is urgent before what is routine', async () => {
    assert.ok((await shortContact('urgent', 50)).includes('help'))
    assert.ok(!(await shortContact('routine', 50)).includes('help'))
  })
})

describe('an emergency', () => {
  it("is shown as such, is said to be heard at once, and is nobody's business but of the two", async () => {
    await inWorld({ seed: 822 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await befriend(world, alice, bob)
      const sizes = new Set<number>()
      for (const priority of ['emergency', 'urgent', 'routine'] as const) {
        const before = world.published.length
        const message = await alice.say(bob, 'now', { priority })
        await world.until(() => alice.statusOf(message) === 'delivered')
        assert.equal(bob.inbox.at(-1)?.priority, priority)
        for (const { envelope } of world.published.slice(before)) sizes.add(envelope.length)
      }
      assert.deepEqual([...sizes], [512], 'sealed, all look alike')
      await bob.restart()
      const kept = (await bob.history(alice)).slice(-3).map(({ priority }) => priority)
      assert.deepEqual(kept, ['emergency', 'urgent', 'routine'])
    })
  })

  it('waits for its session through a restart, and leaves before what was written earlier', async () => {
    await inWorld({ seed: 824 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await alice.add(await bob.card({ size: 'short' }))
      await apart(world, alice, bob)
      for (let n = 0; n < 5; n++) await alice.say(bob, `routine ${String(n)}`)
      await alice.say(bob, 'help', { priority: 'emergency' })
      await alice.restart()
      world.hub.heal()
      await world.until(() => bob.inbox.length === 6)
      assert.deepEqual([bob.heard[0], bob.inbox[0]?.priority], ['help', 'emergency'])
      await assertSameHistory(alice, bob)
    })
  })
})
