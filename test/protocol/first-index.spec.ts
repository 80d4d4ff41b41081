import assert from 'node:assert/strict'
import fc from 'fast-check'
import { firstIndex } from '../../src/protocol/first-index.js'

describe('protocol/first-index', () => {
  it('finds where a condition begins to hold, and the length if it never does', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1100), (length, from) => {
        assert.equal(
          firstIndex(length, (index) => index >= from),
          Math.min(from, length)
        )
      })
    )
  })
})
