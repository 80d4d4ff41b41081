import assert from 'node:assert/strict'
import { table } from '../../../examples/demo/summary.js'

describe('the summary', () => {
  it('is a table with a column for each direction, in eighty columns', () => {
    const lines = table([
      ['messages', 250, 200],
      ['round trip with receipt, 99 of 100', '12.3 ms', '–']
    ])
    assert.deepEqual(lines, [
      '                                         Alice → Bob     Bob → Alice',
      '  messages                                       250             200',
      '  round trip with receipt, 99 of 100         12.3 ms               –'
    ])
  })
})
