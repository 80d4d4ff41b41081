import assert from 'node:assert/strict'
import { hallig } from '../../../benchmarks/carry/hallig.js'
import { carry } from '../../../benchmarks/carry/model.js'

const HOUR = 3_600_000
const letter = { id: 0, from: 0, to: 2, sentAt: 0, expiresAt: 24 * HOUR }

function meetings(...pairs: readonly (readonly [number, number])[]): {
  readonly one: number
  readonly other: number
  readonly start: number
  readonly end: number
}[] {
  return pairs.map(([one, other], index) => ({
    one,
    other,
    start: (index + 1) * HOUR,
    end: (index + 2) * HOUR
  }))
}

describe('benchmarks/carry/hallig', () => {
  it('carries a letter in the mailbox of somebody else', async () => {
    const outcome = await carry(hallig, Infinity, 3, meetings([0, 1], [1, 2]), [letter])
    assert.deepEqual(outcome, { delivery: 1, delay: 120, copies: 2 })
  })

  it('carries nothing without room, but gives its own to whoever it is for', async () => {
    const carried = await carry(hallig, 0, 3, meetings([0, 1], [1, 2]), [letter])
    assert.equal(carried.delivery, 0)
    const met = await carry(hallig, 0, 3, meetings([0, 2]), [letter])
    assert.equal(met.delivery, 1)
  })

  it('gives no more copies of what is known to have arrived', async () => {
    const outcome = await carry(hallig, Infinity, 4, meetings([0, 2], [0, 2], [0, 3], [2, 3], [1, 3]), [
      letter
    ])
    assert.equal(outcome.delivery, 1)
    assert.equal(outcome.copies, 1)
  })
})
