import assert from 'node:assert/strict'
import { frameUpdate, type Frame } from '../../../src/cli/terminal/frame.js'

const frame = (lines: string[], row = 0, column = 0): Frame => ({ lines, cursor: { row, column } })

describe('drawing a frame', () => {
  it('erases the screen and writes every line the first time', () => {
    const update = frameUpdate(undefined, frame(['a', 'b'], 1, 2))
    assert.ok(update.includes('\u001b[2J'))
    assert.ok(update.includes('\u001b[1;1H\u001b[Ka') && update.includes('\u001b[2;1H\u001b[Kb'))
    assert.ok(update.endsWith('\u001b[2;3H\u001b[?25h'))
  })

  it('writes only the lines that changed', () => {
    const update = frameUpdate(frame(['a', 'b']), frame(['a', 'c']))
    assert.ok(!update.includes('\u001b[1;1H\u001b[Ka'))
    assert.ok(update.includes('\u001b[2;1H\u001b[Kc'))
  })

  it('keeps the last character of a line as wide as the screen, on which the cursor then stands', () => {
    const update = frameUpdate(frame(['a', 'b']), frame(['a', 'cccc']))
    assert.ok(update.includes('cccc\u001b[0m\u001b[1;1H'))
  })

  it('moves only the cursor if nothing else changed', () => {
    assert.equal(frameUpdate(frame(['a']), frame(['a'], 0, 1)), '\u001b[?25l\u001b[1;2H\u001b[?25h')
  })

  it('writes nothing if nothing changed', () => {
    assert.equal(frameUpdate(frame(['a'], 0, 1), frame(['a'], 0, 1)), '')
  })
})
