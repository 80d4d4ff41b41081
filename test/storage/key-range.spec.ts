import assert from 'node:assert/strict'
import { remaining } from '../../src/storage/key-range.js'

describe('what is left of a range', () => {
  it('is the range itself at first', () => {
    const { signal } = new AbortController()
    const range = { gt: 'a', lte: 'z', limit: 5, signal, reverse: true }
    assert.deepEqual(remaining(range, 0, undefined), range)
  })

  it('begins behind the last key and counts what was read', () => {
    assert.deepEqual(remaining({ gte: 'a', lt: 'z', limit: 5 }, 2, 'c'), {
      gt: 'c',
      lt: 'z',
      limit: 3,
      reverse: false
    })
    assert.deepEqual(remaining({ gt: 'a', lte: 'z', reverse: true }, 2, 'x'), {
      gt: 'a',
      lt: 'x',
      reverse: true
    })
  })

  it('is never less than nothing', () => {
    assert.equal(remaining({ limit: 1 }, 2, 'c').limit, 0)
  })

  it('lets gte and lte win', () => {
    const range = { gt: 'a', gte: 'b', lt: 'y', lte: 'z' }
    assert.deepEqual(remaining(range, 0, undefined), { gte: 'b', lte: 'z', reverse: false })
  })
})
