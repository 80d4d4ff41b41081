import assert from 'node:assert/strict'
import {
  earliest,
  openChat,
  scrolledTo,
  underWay,
  withElsewhere,
  withEntry,
  withMessage,
  withOlder,
  type ChatState
} from '../../../src/cli/chat/chat-state.js'
import { contact, message } from '../fake-messenger.js'

const bob = contact('Bob')
const texts = ({ entries }: ChatState): string[] =>
  entries.map((entry) =>
    entry.kind === 'message' && entry.message.content.kind === 'text'
      ? entry.message.content.text
      : entry.kind
  )

describe('the state of a chat', () => {
  it('puts a late message where it belongs, and a notice stays where it was', () => {
    let state = openChat(bob, [message(1, 'one')], true)
    state = withMessage(state, message(3, 'three'))
    state = withEntry(state, { kind: 'notice', tone: 'plain', text: '' })
    state = withMessage(state, message(2, 'two'))
    state = withMessage(state, message(4, 'four'))
    assert.deepEqual(texts(state), ['one', 'two', 'three', 'notice', 'four'])
  })

  it('replaces a message that changed', () => {
    const own = message(1, 'one', { own: true, status: 'queued' })
    const state = openChat(bob, [own], true)
    assert.equal(underWay(state), 1)
    assert.equal(underWay(withMessage(state, { ...own, status: 'delivered' })), 0)
    assert.equal(withMessage(state, { ...own, status: 'sent' }).entries.length, 1)
  })

  it('leaves a message from before the loaded part to paging back', () => {
    const state = openChat(bob, [message(5, 'five')], false)
    assert.deepEqual(texts(withMessage(state, message(2, 'two'))), ['five'])
    assert.deepEqual(texts(withMessage({ ...state, complete: true }, message(2, 'two'))), ['two', 'five'])
  })

  it('pages back without doubling', () => {
    const state = openChat(bob, [message(3, 'three')], false)
    assert.equal(earliest(state), message(3, '').position)
    const paged = withOlder(state, [message(1, 'one'), message(2, 'two'), message(3, 'three')], true)
    assert.deepEqual([texts(paged), paged.complete], [['one', 'two', 'three'], true])
  })

  it('remembers the first new message', () => {
    const read = message(1, 'one', { status: 'read' })
    assert.equal(
      openChat(bob, [read, message(2, 'two'), message(3, 'three')], true).newFrom,
      message(2, '').id
    )
    assert.equal(openChat(bob, [read], true).newFrom, undefined)
  })

  it('counts what comes in below the visible part, until it is visible', () => {
    const scrolled = scrolledTo(openChat(bob, [message(1, 'one')], true), 5, 9)
    const grown = withMessage(scrolled, message(2, 'two'))
    assert.equal(grown.unseen, 1)
    assert.equal(scrolledTo(grown, 0, 9).unseen, 0)
  })

  it('scrolls within its bounds', () => {
    const state = openChat(bob, [], true)
    assert.deepEqual([scrolledTo(state, -3, 9).scroll, scrolledTo(state, 12, 9).scroll], [0, 9])
  })

  it('counts what others wrote', () => {
    const state = withElsewhere(withElsewhere(openChat(bob, [], true), 'Carol'), 'Carol')
    assert.deepEqual([...state.elsewhere], [['Carol', 2]])
  })
})
