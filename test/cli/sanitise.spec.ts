import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sanitiseLine, sanitiseText } from '../../src/cli/sanitise.js'

describe('sanitising text of others', () => {
  it('leaves ordinary text of every script as it is', () => {
    for (const text of ['Moin!', 'Straße', '日本語', 'עברית', 'नमस्ते', '👩‍👩‍👧', 'a\nb', 'é']) {
      assert.equal(sanitiseText(text), text)
    }
  })

  it('removes escape sequences whole', () => {
    assert.equal(sanitiseText('a\u001b[31mred\u001b[0m\u001b]0;title\u0007b\u009b2Jc'), 'aredbc')
  })

  it('removes bidirectional overrides and invisible characters', () => {
    assert.equal(sanitiseText('ab\u202ecd\u2066e\u200bf\u{e0041}g\ufeff'), 'abcdefg')
  })

  it('keeps line ends as line feeds, and only in text, not on a line', () => {
    assert.equal(sanitiseText('a\r\nb\rc\u2028d'), 'a\nb\nc\nd')
    assert.equal(sanitiseLine(' a\r\nb\t c '), 'a b c')
  })

  it('cuts piles of combining marks', () => {
    assert.equal(sanitiseText(`a${'\u0301'.repeat(500)}b`).length, 8)
  })

  it('leaves no control character, whatever came', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        assert.doesNotMatch(sanitiseText(text), /[^\P{Cc}\n]/u)
        assert.doesNotMatch(sanitiseLine(text), /\p{Cc}/u)
      })
    )
  })
})
