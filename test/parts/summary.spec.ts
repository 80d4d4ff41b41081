import assert from 'node:assert/strict'
import { beginsSummary, readSummary, sumUp } from './summary.js'

const FAILED = [
  '\u001b[92m \u001b[0m\u001b[32m 7 passing\u001b[0m\u001b[90m (2m)\u001b[0m',
  '\u001b[36m \u001b[0m\u001b[36m 2 pending\u001b[0m',
  '\u001b[31m  1 failing\u001b[0m',
  '',
  '  1) a wall',
  '       stands:',
  '     Error: it fell'
]

describe('the summary of several runs', () => {
  it('begins where mocha counts what passed, and nowhere before', () => {
    const said = ['  a wall', '    ✔ 7 passing (2s)', '7 passing', ...FAILED]
    assert.deepEqual(
      said.filter((line) => beginsSummary(line)),
      FAILED.slice(0, 1)
    )
  })

  it('counts all tests, and tells all that failed', () => {
    const other = ['  10 passing (12ms)', '  3 failing', '', '  1) a roof', '']
    assert.equal(
      sumUp([readSummary(FAILED), readSummary(other)], 121.7),
      '\n  17 passing (122s)\n  2 pending\n  4 failing\n\n\n  1) a wall\n       stands:\n     Error: it fell\n\n  1) a roof\n'
    )
  })

  it('says no more than how many passed if all did', () => {
    assert.equal(sumUp([readSummary(['  1 passing (1s)', '']), readSummary([])], 1), '\n  1 passing (1s)\n')
  })

  it('tells what was said after the count, such as what held the process', () => {
    const held = readSummary(['  1 passing (1s)', '', 'Still alive'])
    assert.equal(sumUp([held], 1), '\n  1 passing (1s)\n\n\nStill alive')
  })
})
