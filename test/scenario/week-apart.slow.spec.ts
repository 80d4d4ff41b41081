import assert from 'node:assert/strict'
import { reconcileSets } from '../../benchmarks/outage/reconcile.js'
import { makeSets } from '../../benchmarks/outage/sets.js'

/** Envelopes on each side that the other lacks after a week apart, and what both had before. */
const APART = 20_000
const COMMON = 10_000
/** Bytes of reconciliation that a pair may spend on it. */
const MOST = 2_500_000

describe('two sides of a partition of a week', () => {
  for (const layout of ['newest', 'scattered'] as const) {
    it(`with ${String(APART)} envelopes each find all of them, ${layout === 'newest' ? 'if nothing crossed meanwhile' : 'spread among what crossed'}`, function () {
      this.timeout(60_000)
      const { bytes, moved } = reconcileSets(makeSets(COMMON, 2 * APART, layout))
      assert.equal(moved, 2 * APART)
      assert.ok(bytes <= MOST, String(bytes))
    })
  }
})
