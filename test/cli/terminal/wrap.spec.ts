import assert from 'node:assert/strict'
import fc from 'fast-check'
import { cells } from '../../../src/cli/terminal/width.js'
import { breakWord, hang, hangSentences, wrap } from '../../../src/cli/terminal/wrap.js'

describe('wrapping text', () => {
  it('breaks at spaces', () => {
    assert.deepEqual(wrap('the quick brown fox', 10), ['the quick', 'brown fox'])
  })

  it('breaks a word only if it is longer than a line', () => {
    assert.deepEqual(wrap('see https://example.org/long now', 12), [
      'see',
      'https://exam',
      'ple.org/long',
      'now'
    ])
  })

  it('keeps line feeds and empty lines', () => {
    assert.deepEqual(wrap('a\n\nb', 10), ['a', '', 'b'])
    assert.deepEqual(wrap('', 10), [''])
  })

  it('keeps the indentation of pasted code', () => {
    assert.deepEqual(wrap('if x:\n    go on', 20), ['if x:', '    go on'])
  })

  it('does not leave a blank line before a word that does not fit behind its indentation', () => {
    assert.deepEqual(wrap('      /ip4/10.0.0.1', 12), ['/ip4/10.0.0.', '1'])
  })

  it('breaks a sentence between words, but no command that is there to be copied', () => {
    const sentence = 'Next: `hallig add <card>` adds somebody.\n  `hallig card` shows yours.'
    assert.deepEqual(hangSentences(sentence, 21, '  '), [
      'Next:',
      '  `hallig add <card>`',
      '  adds somebody.',
      '  `hallig card` shows',
      '  yours.'
    ])
    assert.deepEqual(hangSentences("It's 5` long", 8, ''), ["It's 5`", 'long'])
    assert.deepEqual(hangSentences('at hallig:abcdef now', 8, ' '), ['at hallig:abcdef', ' now'])
    assert.deepEqual(hangSentences('\na', 8, '  '), ['', 'a'])
  })

  it('counts wide characters twice', () => {
    assert.deepEqual(wrap('日本語です', 4), ['日本', '語で', 'す'])
    assert.deepEqual(breakWord('日本語', 5), ['日本', '語'])
  })

  it('begins every line but the first behind a margin, whatever is said, and cuts no style in two', () => {
    assert.deepEqual(hang('\u001b[35mBob\u001b[39m: one two', 12, '   '), [
      '\u001b[35mBob\u001b[39m: one',
      '   two'
    ])
    assert.deepEqual(hang('\u001b[1mlonger\u001b[22mword', 8, '  '), ['\u001b[1mlonger\u001b[22m', '  word'])
    const text = fc.string({ unit: fc.constantFrom('a', ' ', '日', '\n', '\u001b[1m'), maxLength: 80 })
    fc.assert(
      fc.property(text, fc.integer({ min: 8, max: 30 }), (input, width) => {
        const [, ...others] = hang(input, width, '      ')
        for (const line of others)
          assert.ok(line.startsWith('      ') && cells(line) <= width, JSON.stringify({ line, width }))
      })
    )
  })

  it('never exceeds the width and loses nothing but spaces', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '日', '👍', '\n', 'é'), maxLength: 80 })
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 30 }), (input, width) => {
        const lines = wrap(input, width)
        for (const line of lines) assert.ok(cells(line) <= width, JSON.stringify({ line, width }))
        assert.equal(lines.join('').replace(/\s/g, ''), input.replace(/\s/g, ''))
      })
    )
  })
})
