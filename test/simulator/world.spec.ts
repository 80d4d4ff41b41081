import assert from 'node:assert/strict'
import { inWorld, World } from '../../src/simulator/world.js'

describe('simulator/world', () => {
  it('tells observers of everything that happens to people', async () => {
    const kinds = new Set<string>()
    await inWorld({ seed: 1 }, async (world) => {
      world.observe((by, { kind }) => kinds.add(`${by} ${kind}`))
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await bob.add(await alice.card({ size: 'full' }))
      await bob.say(alice, 'Hello')
      await world.until(() => alice.heard.length === 1)
      await alice.crash()
    })
    for (const seen of [
      'alice open',
      'bob commit',
      'bob publish',
      'alice receive',
      'alice death',
      'bob close'
    ]) {
      assert.ok(kinds.has(seen), seen)
    }
  })

  it('says with its seed what never came about', async () => {
    const world = new World({ seed: 77 })
    await world.person('alice')
    await assert.rejects(
      world.until(() => false, 1_000),
      /seed 77 \(alice got 0/
    )
    await assert.rejects(
      world.eventually('happy', () => Promise.resolve(false), 1_000),
      /never happy/
    )
    await world.end()
  })

  it('says in words what it needs', async () => {
    const story = (): Promise<void> => Promise.resolve()
    for (const given of [
      [],
      [null, story],
      [{}, story],
      [{ seed: '1' }, story],
      [{ seed: 1, delay: 5 }, story],
      [{ seed: 1, start: NaN }, story],
      [{ seed: 1 }]
    ])
      await assert.rejects(
        async () => {
          await Reflect.apply(inWorld, undefined, given)
        },
        { code: 'OPTIONS_INVALID' }
      )
    await inWorld({ seed: 1 }, async (world) => {
      await world.person('alice')
      await assert.rejects(world.person('alice'), { code: 'OPTIONS_INVALID' })
      await assert.rejects(world.pass(NaN), { code: 'OPTIONS_INVALID' })
    })
  })
})
