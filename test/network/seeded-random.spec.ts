import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createSeededRandom } from '../../src/network/seeded-random.js'

describe('network/seeded-random', () => {
  it('gives the same numbers for the same seed, and others for another', () => {
    const take = (seed: number): number[] => {
      const random = createSeededRandom(seed)
      return Array.from({ length: 100 }, () => random.number())
    }
    assert.deepEqual(take(42), take(42))
    assert.notDeepEqual(take(42), take(43))
  })

  it('stays within its bounds whatever the seed', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 0, max: 64 }), (seed, length) => {
        const random = createSeededRandom(seed)
        for (let n = 0; n < 50; n += 1) {
          const [number, between] = [random.number(), random.between(-3, 7)]
          assert.ok(number >= 0 && number < 1 && between >= -3 && between <= 7)
        }
        assert.equal(random.bytes(length).length, length)
        assert.ok(random.chance(1) && !random.chance(0))
      })
    )
  })

  it('spreads its numbers evenly enough for a simulation', () => {
    const random = createSeededRandom(1)
    const counts = new Array<number>(10).fill(0)
    for (let n = 0; n < 10_000; n += 1) {
      const slot = Math.floor(random.number() * 10)
      counts[slot] = (counts[slot] ?? 0) + 1
    }
    for (const count of counts) assert.ok(count > 850 && count < 1_150, String(counts))
  })
})
