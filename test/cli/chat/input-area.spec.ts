import assert from 'node:assert/strict'
import fc from 'fast-check'
import { inputArea } from '../../../src/cli/chat/input-area.js'
import { cells } from '../../../src/cli/terminal/width.js'

describe('the input area', () => {
  it('shows the prompt and the cursor', () => {
    assert.deepEqual(inputArea({ before: 'ab', after: 'c' }, 20, 5), {
      lines: ['> abc'],
      cursor: { row: 0, column: 4 }
    })
    assert.deepEqual(inputArea({ before: '', after: '' }, 20, 5), {
      lines: ['> '],
      cursor: { row: 0, column: 2 }
    })
  })

  it('counts wide characters twice', () => {
    assert.deepEqual(inputArea({ before: '日本', after: '' }, 20, 5).cursor, { row: 0, column: 6 })
  })

  it('continues over lines, at line feeds and at the edge', () => {
    const { lines, cursor } = inputArea({ before: 'abcdefgh\nij', after: 'k' }, 9, 5)
    assert.deepEqual(lines, ['> abcdef', '  gh', '  ijk'])
    assert.deepEqual(cursor, { row: 2, column: 4 })
  })

  it('shows the part around the cursor if it does not fit', () => {
    const many = Array.from({ length: 20 }, (_, number) => String(number)).join('\n')
    assert.deepEqual(inputArea({ before: many, after: '' }, 20, 3).lines, ['  17', '  18', '  19'])
    assert.deepEqual(inputArea({ before: '', after: many }, 20, 3), {
      lines: ['> 0', '  1', '  2'],
      cursor: { row: 0, column: 2 }
    })
  })

  it('keeps the cursor and every line on the screen', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '日', '👍', '\n', ' '), maxLength: 60 })
    const size = fc.integer({ min: 8, max: 40 })
    fc.assert(
      fc.property(text, text, size, fc.integer({ min: 1, max: 6 }), (before, after, columns, room) => {
        const { lines, cursor } = inputArea({ before, after }, columns, room)
        assert.ok(lines.length >= 1 && lines.length <= room)
        assert.ok(cursor.row >= 0 && cursor.row < lines.length && cursor.column < columns)
        for (const line of lines) assert.ok(cells(line) < columns)
      })
    )
  })
})
