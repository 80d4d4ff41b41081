import assert from 'node:assert/strict'
import type { Message } from '../../src/index.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import type { Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { assertNoKeyTwice, assertSameHistory, befriend } from '../support/messenger-checks.js'

/** ms in which everything between survivors has arrived. */
const SOON = 30_000

/** So many people in a row, each of whom knows the next; the last knows the first. */
async function openRing(world: World, count: number): Promise<(readonly [one: Person, next: Person])[]> {
  const people: Person[] = []
  for (let n = 0; n < count; n += 1) people.push(await world.person(`n${String(n)}`))
  const pairs = people.map((one, n) => [one, people[(n + 1) % count] ?? one] as const)
  for (const [one, next] of pairs) await befriend(world, one, next)
  return pairs
}

describe('many who die at once', () => {
  it('half of forty: what the others say to each other arrives within seconds', async function () {
    this.timeout(60_000)
    await inWorld({ seed: 981 }, async (world) => {
      const pairs = await openRing(world, 40)
      const said: { readonly by: Person; readonly message: Message }[] = []
      const speak = async (text: string): Promise<void> => {
        for (const [one, next] of pairs)
          if (one.running && next.running) said.push({ by: one, message: await one.say(next, text) })
      }
      await speak('just before')
      // Every second pair dies, so that of each survivor one neighbour lives.
      const dead = pairs.filter((_, n) => n % 4 < 2).map(([one]) => one)
      assert.equal(dead.length, 20)
      await Promise.all(dead.map((person) => person.crash()))
      await speak('just after')
      const survivors = said.filter(({ by }) =>
        pairs.some(([one, next]) => one === by && one.running && next.running)
      )
      assert.ok(survivors.length >= 20)
      await world.until(
        () => survivors.every(({ by, message }) => by.statusOf(message) === 'delivered'),
        SOON
      )
      assertNoKeyTwice(world.published)
    })
  })

  it('all of six, who come back in any order: everything that was acknowledged arrives', async () => {
    for (const seed of [982, 983, 984]) {
      await inWorld({ seed }, async (world) => {
        const random = createSeededRandom(seed)
        const pairs = await openRing(world, 6)
        const texts = ['one', 'two', 'three']
        for (const text of texts) for (const [one, next] of pairs) await one.say(next, text)
        for (const text of texts) for (const [one, next] of pairs) await next.say(one, `${text} back`)
        await Promise.all(pairs.map(([person]) => person.crash()))
        const order = pairs
          .map(([person]) => ({ person, place: random.number() }))
          .toSorted((one, other) => one.place - other.place)
        for (const { person } of order) {
          await person.open()
          await world.pass(random.between(0, 5_000))
        }
        await world.pass(SOON)
        for (const [one, next] of pairs) {
          await assertSameHistory(one, next)
          const held = (await next.history(one)).map(({ content }) => content)
          for (const text of [...texts, ...texts.map((known) => `${known} back`)])
            assert.ok(held.some((content) => content.kind === 'text' && content.text === text))
        }
        assertNoKeyTwice(world.published)
      })
    }
  })
})
