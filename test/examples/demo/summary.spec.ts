import assert from 'node:assert/strict'
import { routeTable, table } from '../../../examples/demo/summary.js'

describe('the summary', () => {
  it('is a table with a column for each direction, in eighty columns', () => {
    const lines = table([
      { label: '', values: ['Alice → Bob', 'Bob → Alice', 'Alice → Dora', 'Dora → Alice'] },
      { label: 'messages', values: [100, 100, 1, 1] },
      { label: 'with receipt, 99 %', values: ['12.3 ms', '–', '8.00 s', '9.00 s'] }
    ])
    assert.deepEqual(lines, [
      '                           Alice → Bob   Bob → Alice  Alice → Dora  Dora → Alice',
      '  messages                         100           100             1             1',
      '  with receipt, 99 %           12.3 ms             –        8.00 s        9.00 s'
    ])
    assert.ok(lines.every((line) => line.length <= 80))
  })

  it('has a row for every way that messages came, in eighty columns', () => {
    const lines = routeTable([
      {
        message: 'Alice → Bob #2501–#5000',
        path: 'waits until both are back',
        carriers: 12,
        time: '21.62 s',
        status: 'delivered'
      },
      { message: 'Alice → Dora #1', path: 'Carol, on foot', carriers: 1, time: '3.41 s', status: 'read' }
    ])
    assert.deepEqual(lines, [
      '  message                  path                      carriers    time  status',
      '  Alice → Bob #2501–#5000  waits until both are back       12 21.62 s  delivered',
      '  Alice → Dora #1          Carol, on foot                   1  3.41 s  read'
    ])
    assert.ok(lines.every((line) => line.length <= 80))
  })
})
