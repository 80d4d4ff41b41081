import assert from 'node:assert/strict'
import { ranges } from '../../../examples/demo/ranges.js'

describe('numbers in a row', () => {
  it('are drawn together', () => {
    assert.equal(ranges([]), '')
    assert.equal(ranges([7]), '#7')
    assert.equal(ranges([3, 1, 2, 7, 9, 8, 11]), '#1–#3, #7–#9, #11')
  })
})
