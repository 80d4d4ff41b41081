import assert from 'node:assert/strict'
import { sendAllIds, sendBloomFilters } from '../../../benchmarks/outage/rivals.js'
import { makeSets } from '../../../benchmarks/outage/sets.js'

describe('benchmarks/outage/rivals', () => {
  it('finds everything by sending all ids, at the price of all ids', () => {
    const { bytes, found } = sendAllIds(makeSets(1_000, 301, 'scattered'))
    assert.equal(found, 301)
    // Of 301 the first half, rounded up, is on the side that sends, and is asked for by number.
    assert.equal(bytes, 4 + 32 * 1_151 + 4 + 4 * 151)
  })

  it('finds about 99 of 100 with Bloom filters, and nothing that is common', () => {
    const { bytes, found } = sendBloomFilters(makeSets(2_000, 1_000, 'newest'))
    assert.ok(found > 970 && found <= 1_000, String(found))
    assert.ok(bytes < 2 * 2_500 * 1.25)
    assert.equal(sendBloomFilters(makeSets(2_000, 0, 'newest')).found, 0)
  })
})
