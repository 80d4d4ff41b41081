import assert from 'node:assert/strict'
import { countText } from '../../src/cli/count-text.js'

describe('a count', () => {
  it('has its noun in the right number', () => {
    assert.deepEqual(
      [0, 1, 2].map((count) => countText(count, 'peer')),
      ['0 peers', '1 peer', '2 peers']
    )
  })
})
