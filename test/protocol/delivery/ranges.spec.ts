import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  addNumber,
  closeOldestGaps,
  flattenRanges,
  hasNumber,
  NO_RANGES,
  parseRanges,
  type Ranges,
  unite
} from '../../../src/protocol/delivery/ranges.js'
import { deepFrozen } from '../../support/protocol-values.js'

const numbers = fc.array(fc.nat({ max: 60 }), { maxLength: 80 })

function rangesOf(list: readonly number[]): Ranges {
  return list.reduce((ranges, number) => deepFrozen(addNumber(ranges, number)), NO_RANGES)
}

/** Ascending, none empty, none touching. */
function assertNormal(ranges: Ranges): void {
  for (const [index, [first, count]] of ranges.entries()) {
    assert.ok(count > 0)
    const [before, length] = ranges[index - 1] ?? [-2, 0]
    assert.ok(first > before + length)
  }
}

describe('protocol/delivery/ranges', () => {
  it('is the set of what was added, in any order and with repeats', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const ranges = rangesOf(list)
        const set = new Set(list)
        assertNormal(ranges)
        for (let number = 0; number <= 61; number += 1)
          assert.equal(hasNumber(ranges, number), set.has(number))
        assert.deepEqual(ranges, rangesOf([...set].sort((a, b) => a - b)))
      })
    )
  })

  it('is the same object when nothing is new', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const ranges = rangesOf(list)
        for (const number of list) assert.equal(addNumber(ranges, number), ranges)
      })
    )
  })

  it('is one run in order, whatever its length', () => {
    let ranges = NO_RANGES
    for (let number = 0; number < 5_000; number += 1) ranges = addNumber(ranges, number)
    assert.deepEqual(ranges, [[0, 5_000]])
  })

  it('unites with what a receipt claims, of numbers that exist', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.nat({ max: 61 }), (list, other, end) => {
        const ranges = rangesOf(list)
        const united = deepFrozen(unite(ranges, rangesOf(other), end, 100))
        assert.deepEqual(united, rangesOf([...list, ...other.filter((number) => number < end)]))
        assert.equal(unite(united, rangesOf(other), end, 100), united)
      })
    )
  })

  it('unites at once and within its bound, however much is claimed', () => {
    assert.deepEqual(unite(NO_RANGES, [[0, 2 ** 52]], 2 ** 32, 5), [[0, 2 ** 32]])
    assert.deepEqual(unite(rangesOf([1, 3, 5]), rangesOf([7, 9]), 100, 3), rangesOf([5, 7, 9]))
  })

  it('closes its oldest gaps where there is no room', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 10 }), (list, max) => {
        const ranges = rangesOf(list)
        const closed = deepFrozen(closeOldestGaps(ranges, max))
        assertNormal(closed)
        assert.equal(closed.length, Math.min(ranges.length, max))
        for (const number of list) assert.ok(hasNumber(closed, number))
        assert.deepEqual(closed.slice(1), ranges.slice(ranges.length - closed.length + 1))
      })
    )
  })

  it('comes back from a receipt as it went in', () => {
    fc.assert(
      fc.property(numbers, (list) => {
        const ranges = rangesOf(list)
        assert.deepEqual(parseRanges(flattenRanges(ranges, 100), 100), ranges)
      })
    )
  })

  it('leaves out the oldest runs where there is no room', () => {
    const ranges = rangesOf([0, 2, 4, 6, 7])
    assert.deepEqual(flattenRanges(ranges, 2), [4, 1, 6, 2])
    assert.equal(parseRanges(flattenRanges(ranges, 4), 3), undefined)
  })

  it('takes any pairs from outside without throwing, and only normal ones', () => {
    const hostile = fc.oneof(
      fc.nat({ max: 20 }),
      fc.maxSafeNat(),
      fc.constantFrom(0, -1, 2 ** 53, NaN, Infinity, 0.5)
    )
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 12 }), (pairs) => {
        const ranges = parseRanges(pairs, 5)
        if (ranges === undefined) return
        assertNormal(ranges)
        assert.ok(ranges.length <= 5)
        assert.deepEqual(ranges.flat(), pairs)
      }),
      { numRuns: 1_000 }
    )
    for (const pairs of [[1], [0, 0], [5, 1, 5, 1], [0, 2, 2, 1], [3, 1, 0, 1], [2 ** 53 - 1, 1]]) {
      assert.equal(parseRanges(pairs, 5), undefined, String(pairs))
    }
    assert.deepEqual(parseRanges([0, 2 ** 53 - 1], 5), [[0, 2 ** 53 - 1]])
  })
})
