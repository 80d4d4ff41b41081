import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openChat, scrolledTo, withMessage } from '../../../src/cli/chat/chat-state.js'
import { historyRoom, mostScroll, renderChat } from '../../../src/cli/chat/render.js'
import { PLAIN } from '../../../src/cli/terminal/paint.js'
import { contact, message } from '../fake-messenger.js'

const size = { columns: 40, rows: 8 }
const many = Array.from({ length: 20 }, (_, number) =>
  message(number + 1, `text ${String(number + 1)}`, { status: 'read' })
)
const bob = contact('Bob')

describe('the screen of a chat', () => {
  it('has the history at the bottom, the status line and the input', () => {
    const { lines, cursor } = renderChat(openChat(bob, many.slice(0, 2), true), size, PLAIN)
    assert.equal(lines.length, 8)
    assert.deepEqual(lines.slice(0, 3), ['', '', ''])
    assert.ok(lines[5]?.endsWith('text 2'))
    assert.ok(lines[6]?.startsWith('── Bob'))
    assert.equal(lines[7], '> ')
    assert.deepEqual(cursor, { row: 7, column: 2 })
  })

  it('scrolls to the first line and no further', () => {
    const state = openChat(bob, many, true)
    const most = mostScroll(state, size, PLAIN)
    assert.equal(most, 21 - historyRoom(state, size))
    const top = renderChat(scrolledTo(state, most, most), size, PLAIN)
    assert.ok(top.lines[0]?.includes('May 2024'))
    assert.deepEqual(renderChat({ ...state, scroll: 999 }, size, PLAIN).lines, top.lines)
  })

  it('does not touch what is being typed when something comes in', () => {
    const typing = { ...openChat(bob, many, true), editor: { before: 'half a sen', after: '' } }
    const before = renderChat(typing, size, PLAIN)
    const after = renderChat(withMessage(typing, message(21, 'hello')), size, PLAIN)
    assert.deepEqual([after.lines.at(-1), after.cursor], [before.lines.at(-1), before.cursor])
    assert.ok(after.lines[5]?.endsWith('hello'))
  })

  it('fills every size exactly, with the cursor on it', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '日', '\n', ' '), maxLength: 200 })
    fc.assert(
      fc.property(
        text,
        fc.integer({ min: 6, max: 60 }),
        fc.integer({ min: 3, max: 30 }),
        (before, columns, rows) => {
          const state = { ...openChat(bob, many, true), editor: { before, after: '' } }
          const { lines, cursor } = renderChat(state, { columns, rows }, PLAIN)
          assert.equal(lines.length, rows)
          assert.ok(cursor.row < rows && cursor.column < columns)
        }
      )
    )
  })
})
