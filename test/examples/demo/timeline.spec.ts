import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createPaint } from '../../../examples/demo/paint.js'
import { Timeline, wrap } from '../../../examples/demo/timeline.js'

const plain = createPaint(false, {})

describe('the timeline', () => {
  it('says when, who and what, and keeps the columns in a second line', () => {
    const lines: string[] = []
    const timeline = new Timeline(
      (line) => lines.push(line),
      plain,
      () => 1234
    )
    timeline.entry('Alice', 'is up')
    timeline.entry('Bob', `says ${'bla '.repeat(20)}`.trim())
    assert.deepEqual(lines, [
      ' 1.23s  Alice     is up',
      ' 1.23s  Bob       says bla bla bla bla bla bla bla bla bla bla bla bla bla bla',
      '                  bla bla bla bla bla bla'
    ])
  })

  it('fits into eighty columns, whatever is said', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (text) => {
        const lines: string[] = []
        const timeline = new Timeline(
          (line) => lines.push(line),
          plain,
          () => 59_999
        )
        timeline.entry('Observer', text)
        timeline.text(text)
        timeline.note(text)
        timeline.verdict(false, text)
        assert.ok(lines.every((line) => line.length <= 80))
      })
    )
  })

  it('breaks between words, and inside a word only where it is longer than a line', () => {
    assert.deepEqual(wrap('one two three', 7), ['one two', 'three'])
    assert.deepEqual(wrap('abcdefgh ij', 3), ['abc', 'def', 'gh', 'ij'])
    assert.deepEqual(wrap('one\ntwo three', 20), ['one', 'two three'])
    assert.deepEqual(wrap('', 20), [''])
  })

  it('keeps the lines of a table as they are', () => {
    const lines: string[] = []
    new Timeline(
      (line) => lines.push(line),
      plain,
      () => 0
    ).lines(['a    b'])
    assert.deepEqual(lines, ['a    b'])
  })
})

describe('the colours', () => {
  const terminal = { TERM: 'xterm' }

  it('are there for a terminal only', () => {
    assert.equal(createPaint(true, terminal)('red', 'no'), '\u001b[31mno\u001b[39m')
    assert.equal(createPaint(false, terminal)('red', 'no'), 'no')
  })

  it('are left out where NO_COLOR says something, or the terminal is dumb', () => {
    assert.equal(createPaint(true, { ...terminal, NO_COLOR: '1' })('red', 'no'), 'no')
    assert.equal(createPaint(true, { ...terminal, NO_COLOR: '' })('red', 'no'), '\u001b[31mno\u001b[39m')
    assert.equal(createPaint(true, { TERM: 'dumb' })('red', 'no'), 'no')
  })
})
