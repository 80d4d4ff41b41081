import assert from 'node:assert/strict'
import fc from 'fast-check'
import { compareBytes } from '../../src/protocol/compare-bytes.js'

describe('protocol/compare-bytes', () => {
  it('orders as Buffer.compare does', () => {
    const few = fc.uint8Array({ maxLength: 5, max: 2 })
    fc.assert(
      fc.property(fc.oneof(few, fc.uint8Array()), fc.oneof(few, fc.uint8Array()), (one, other) => {
        assert.equal(Math.sign(compareBytes(one, other)), Buffer.compare(one, other))
        assert.equal(compareBytes(one, one.slice()), 0)
      })
    )
  })
})
