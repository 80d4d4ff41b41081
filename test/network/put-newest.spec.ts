import assert from 'node:assert/strict'
import { putNewest } from '../../src/network/put-newest.js'

describe('network/put-newest', () => {
  it('keeps as many as may be, those that were put last', () => {
    const map = new Map<string, number>()
    for (const [at, key] of ['a', 'b', 'a', 'c', 'd'].entries()) putNewest(map, key, at, 3)
    assert.deepEqual(
      [...map],
      [
        ['a', 2],
        ['c', 3],
        ['d', 4]
      ]
    )
  })
})
