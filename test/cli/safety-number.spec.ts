import assert from 'node:assert/strict'
import { safetyNumberLines } from '../../src/cli/safety-number.js'

describe('a safety number', () => {
  it('is shown as three lines of four groups', () => {
    const groups = Array.from({ length: 12 }, (_, number) => String(number).repeat(5).slice(0, 5))
    assert.deepEqual(safetyNumberLines(groups.join(' ')), [
      groups.slice(0, 4).join('  '),
      groups.slice(4, 8).join('  '),
      groups.slice(8).join('  ')
    ])
  })
})
