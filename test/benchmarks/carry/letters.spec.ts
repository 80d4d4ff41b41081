import assert from 'node:assert/strict'
import { writeLetters } from '../../../benchmarks/carry/letters.js'
import { createSeededRandom } from '../../../src/network/seeded-random.js'

describe('benchmarks/carry/letters', () => {
  it('writes letters to others, in order, that live within the time', () => {
    const letters = writeLetters(500, 5, 1_000, 400, createSeededRandom(1))
    assert.equal(letters.length, 500)
    assert.ok(letters.every(({ from, to }) => from !== to && from < 5 && to < 5))
    assert.ok(
      letters.every(
        ({ sentAt, expiresAt }) => sentAt >= 0 && expiresAt === sentAt + 400 && expiresAt <= 1_000
      )
    )
    assert.deepEqual(
      letters.map(({ sentAt }) => sentAt),
      letters.map(({ sentAt }) => sentAt).toSorted((one, other) => one - other)
    )
  })
})
