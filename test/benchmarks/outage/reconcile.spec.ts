import assert from 'node:assert/strict'
import { reconcileSets } from '../../../benchmarks/outage/reconcile.js'
import { makeSets } from '../../../benchmarks/outage/sets.js'

describe('benchmarks/outage/reconcile', () => {
  it('moves what is missing, whatever is common', () => {
    for (const layout of ['newest', 'scattered'] as const) {
      for (const common of [0, 1, 500]) assert.equal(reconcileSets(makeSets(common, 700, layout)).moved, 700)
    }
  })

  it('says little where nothing is missing', () => {
    const { bytes, moved } = reconcileSets(makeSets(5_000, 0, 'newest'))
    assert.equal(moved, 0)
    assert.ok(bytes <= 400)
  })

  it('pays for more ranges where what is missing is spread', () => {
    const [newest, scattered] = (['newest', 'scattered'] as const).map((layout) =>
      reconcileSets(makeSets(5_000, 100, layout))
    )
    assert.ok(newest !== undefined && scattered !== undefined && newest.bytes < scattered.bytes)
  })
})
