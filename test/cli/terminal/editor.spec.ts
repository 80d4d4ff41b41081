import assert from 'node:assert/strict'
import fc from 'fast-check'
import { edit, editorText, EMPTY, type Edit, type Editor } from '../../../src/cli/terminal/editor.js'

const at = (text: string): Editor => {
  const [before = '', after = ''] = text.split('|')
  return { before, after }
}
const show = ({ before, after }: Editor): string => `${before}|${after}`

describe('the line editor', () => {
  const cases: readonly (readonly [Exclude<Edit['kind'], 'insert'>, string, string])[] = [
    ['backspace', 'ab|c', 'a|c'],
    ['backspace', '|c', '|c'],
    ['backspace', 'a👩‍👩‍👧|', 'a|'],
    ['delete', 'a|bc', 'a|c'],
    ['delete', 'a|', 'a|'],
    ['left', 'a👍🏽|', 'a|👍🏽'],
    ['right', '|éa', 'é|a'],
    ['word-left', 'one two |three', 'one |two three'],
    ['word-right', 'one| two three', 'one two| three'],
    ['start', 'a\nbc|d', 'a\n|bcd'],
    ['end', 'a|b\nc', 'ab|\nc'],
    ['erase-word', 'one two  |three', 'one |three'],
    ['erase-to-start', 'one| two', '| two'],
    ['erase-to-end', 'one| two', 'one|'],
    ['clear', 'one| two', '|']
  ]
  for (const [kind, from, to] of cases) {
    it(`makes ${JSON.stringify(to)} of ${JSON.stringify(from)} with ${kind}`, () => {
      assert.equal(show(edit(at(from), { kind })), to)
    })
  }

  it('inserts at the cursor', () => {
    assert.equal(show(edit(at('a|b'), { kind: 'insert', text: 'xy' })), 'axy|b')
  })

  it('moves without changing the text, whatever is in it', () => {
    const moves = fc.array(fc.constantFrom('left', 'right', 'word-left', 'word-right', 'start', 'end'), {
      maxLength: 20
    })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), moves, (text, kinds) => {
        let editor = edit(EMPTY, { kind: 'insert', text })
        for (const kind of kinds) editor = edit(editor, { kind })
        assert.equal(editorText(editor), text)
      })
    )
  })
})
