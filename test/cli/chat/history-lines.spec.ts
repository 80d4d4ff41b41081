import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openChat } from '../../../src/cli/chat/chat-state.js'
import { historyLines } from '../../../src/cli/chat/history-lines.js'
import { COLOURS, PLAIN } from '../../../src/cli/terminal/paint.js'
import { cells } from '../../../src/cli/terminal/width.js'
import { clockText } from '../../../src/cli/time-text.js'
import { contact, message, MORNING } from '../fake-messenger.js'

const bob = contact('Bob')

describe('the history of a chat', () => {
  it('shows day, time, name and text, and how far an own message came', () => {
    const state = openChat(
      bob,
      [
        message(1, 'Moin Alice', { status: 'read' }),
        message(2, 'Moin', { own: true, status: 'delivered' }),
        message(3, 'still there?', { own: true, status: 'queued' })
      ],
      true
    )
    const times = [1, 2, 3].map((number) => clockText(MORNING + number * 60_000))
    assert.deepEqual(historyLines(state, 40, PLAIN), [
      '───────── Tuesday, 14 May 2024 ─────────',
      `${times[0] ?? ''}  Bob  Moin Alice`,
      `${times[1] ?? ''}  you  Moin ✓✓`,
      `${times[2] ?? ''}  you  still there? ·`
    ])
  })

  it('marks what is urgent and what is an emergency where no sender can write', () => {
    const state = openChat(
      bob,
      [message(1, 'soon', { priority: 'urgent' }), message(2, 'now', { priority: 'emergency' })],
      true
    )
    const lines = historyLines(state, 40, PLAIN).slice(-2)
    assert.deepEqual(
      lines.map((line) => line.slice(7)),
      ['Bob ! soon', 'Bob !! now']
    )
  })

  it('separates days and marks what is new', () => {
    const state = openChat(
      bob,
      [message(1, 'a', { status: 'read' }), message(2, 'b', { sentAt: MORNING + 86_400_000 })],
      true
    )
    const lines = historyLines(state, 40, PLAIN)
    assert.equal(lines.filter((line) => line.includes('May 2024')).length, 2)
    assert.ok(lines[3]?.includes(' new '))
  })

  it('indents what goes on over several lines, and puts a tick below if it does not fit', () => {
    const state = openChat(bob, [message(1, 'word word word word\nend', { own: true, status: 'sent' })], true)
    assert.deepEqual(historyLines(state, 27, PLAIN).slice(1), [
      `${clockText(MORNING + 60_000)}  you  word word word`,
      '            word',
      '            end ✓'
    ])
    const tight = openChat(bob, [message(1, '123456789012345', { own: true, status: 'sent' })], true)
    assert.equal(historyLines(tight, 27, PLAIN).at(-1), '            ✓')
  })

  it('says read in words where there is no colour', () => {
    const state = openChat(bob, [message(1, 'a', { own: true, status: 'read' })], true)
    assert.ok(historyLines(state, 40, PLAIN).at(-1)?.endsWith('a ✓✓ read'))
    assert.ok(historyLines(state, 40, COLOURS).at(-1)?.endsWith('a \u001b[94m✓✓\u001b[39m'))
  })

  it('prints nothing of the control characters of others, in texts and in names', () => {
    const state = openChat(
      { ...bob, name: 'B\u001b[2Job\n\u202e' },
      [message(1, 'a\u001b[2J\u0007b\u202ec\rd')],
      true
    )
    const lines = historyLines(state, 60, PLAIN).join('\n')
    assert.doesNotMatch(lines, /[^\P{Cc}\n]|\u202e/u)
    assert.ok(lines.includes('Bob') && lines.includes('abc'))
  })

  it('greets whoever has said nothing yet', () => {
    assert.ok(historyLines(openChat(bob, [], true), 80, PLAIN)[0]?.includes('/help'))
  })

  it('fits every width and every text', () => {
    const text = fc.string({
      unit: fc.constantFrom('a', ' ', '日', '👩‍👩‍👧', '\n', '\u001b', 'é'),
      maxLength: 60
    })
    fc.assert(
      fc.property(text, text, fc.boolean(), fc.integer({ min: 24, max: 120 }), (said, name, own, columns) => {
        const state = openChat({ ...bob, name }, [message(1, said, { own, status: 'delivered' })], true)
        for (const line of historyLines(state, columns, PLAIN)) assert.ok(cells(line) <= columns, line)
      })
    )
  })
})
