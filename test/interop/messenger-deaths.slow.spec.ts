import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { createCrowd, isDelivered, type Crowd } from '../support/messenger-crowd.js'
import { waitFor } from '../support/network-wait.js'
import { freshSeed } from '../support/store-random.js'

/** Milliseconds each part may take on a busy machine; what it took is printed. */
const LIMIT_MS = 120_000
/** Messages of each direction that are acknowledged before all die. */
const AT_LEAST = 20

describe('many messengers in processes that die at once', function () {
  this.timeout(3 * LIMIT_MS)
  let crowd: Crowd | undefined

  afterEach(async () => {
    await crowd?.remove()
    crowd = undefined
  })

  function printTime(what: string, began: number): void {
    process.stdout.write(`      ${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s\n`)
  }

  const seed = freshSeed()
  it(`all of six, while they talk, and are started in any order: whatever was acknowledged arrives once and in order (seed ${String(seed)})`, async () => {
    const random = createSeededRandom(seed)
    const place = (crowd = await createCrowd(6, 1, LIMIT_MS))
    const directions = place.pairs.flatMap(([one, next]) => [
      { from: one, to: next, acknowledged: ['hello'] },
      { from: next, to: one, acknowledged: [] as string[] }
    ])
    const talking = directions.map(async ({ from, to, acknowledged }) => {
      try {
        for (let n = 0; ; n += 1) {
          const text = `${from} to ${to}: ${String(n)}`
          await place.say(from, to, text)
          acknowledged.push(text)
        }
      } catch {
        // The process is dead.
      }
    })
    const isUnderWay = (): boolean => directions.every(({ acknowledged }) => acknowledged.length > AT_LEAST)
    await waitFor('all to talk', isUnderWay, LIMIT_MS)
    await delay(random.between(0, 100))
    const homes = [0, 1, 2, 3, 4, 5]
    await place.kill(homes)
    await Promise.all(talking)
    const order = homes
      .map((home) => ({ home, rank: random.number() }))
      .sort((one, other) => one.rank - other.rank)
    const began = performance.now()
    for (const { home } of order) {
      await place.start(home)
      await delay(random.between(0, 1_000))
    }
    printTime('all are back', began)
    for (const { from, to } of directions)
      await waitFor(
        `all of ${from} to be known to be with ${to}`,
        () => isDelivered(place, from, to),
        LIMIT_MS
      )
    printTime('and everything is known to have arrived', began)
    let count = 0
    for (const { from, to, acknowledged } of directions) {
      const [mine, theirs] = [await place.history(from, to), await place.history(to, from)]
      assert.deepEqual(
        mine.map(({ id, text }) => `${id} ${text}`),
        theirs.map(({ id, text }) => `${id} ${text}`)
      )
      const texts = mine.filter(({ own }) => own).map(({ text }) => text)
      // The last one may have been kept, and its acknowledgement lost.
      assert.deepEqual(texts.slice(0, acknowledged.length), acknowledged)
      assert.ok(texts.length <= acknowledged.length + 1)
      count += acknowledged.length
    }
    process.stdout.write(`      messages acknowledged before: ${String(count)}\n`)
  })

  it('half of forty: whatever the others said before and say after arrives', async () => {
    let began = performance.now()
    const place = (crowd = await createCrowd(8, 5, LIMIT_MS))
    printTime('forty have met', began)
    const dying = [0, 1, 2, 3]
    const isAlive = (name: string): boolean => !dying.includes(place.homeOf(name))
    const survivors = place.pairs.filter((pair) => pair.every(isAlive))
    assert.ok(survivors.length >= 15)
    const speak = async (text: string): Promise<void> => {
      await Promise.all(
        survivors.flatMap(([one, next]) => [place.say(one, next, text), place.say(next, one, text)])
      )
    }
    await speak('just before')
    began = performance.now()
    await place.kill(dying)
    await speak('just after')
    for (const [one, next] of survivors)
      for (const [from, to] of [
        [one, next],
        [next, one]
      ] as const) {
        await waitFor(`${to} to have heard ${from}`, () => isDelivered(place, from, to), LIMIT_MS)
        const heard = (await place.history(to, from)).filter(({ own }) => !own).map(({ text }) => text)
        assert.deepEqual(heard.slice(-2), ['just before', 'just after'])
      }
    printTime('everything is known to have arrived', began)
  })
})
