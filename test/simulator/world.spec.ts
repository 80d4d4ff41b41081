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
})
