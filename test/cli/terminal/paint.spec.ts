import assert from 'node:assert/strict'
import { COLOURS, PLAIN, paintFor } from '../../../src/cli/terminal/paint.js'

describe('paint', () => {
  it('colours a terminal', () => {
    assert.equal(paintFor({ isTTY: true }, {}), COLOURS)
    assert.equal(COLOURS.strong('a'), '\u001b[1ma\u001b[22m')
    assert.equal(COLOURS.strong(''), '')
  })

  it('leaves pipes, dumb terminals and NO_COLOR plain', () => {
    assert.equal(paintFor({ isTTY: false }, {}), PLAIN)
    assert.equal(paintFor({ isTTY: true }, { TERM: 'dumb' }), PLAIN)
    assert.equal(paintFor({ isTTY: true }, { NO_COLOR: '1' }), PLAIN)
    assert.equal(paintFor({ isTTY: true }, { NO_COLOR: '' }), COLOURS)
    assert.equal(PLAIN.warning('a'), 'a')
  })
})
