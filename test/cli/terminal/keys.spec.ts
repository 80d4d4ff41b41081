import assert from 'node:assert/strict'
import { keyAction } from '../../../src/cli/terminal/keys.js'

describe('a key', () => {
  it('inserts what it prints', () => {
    assert.deepEqual(keyAction('a', { name: 'a', sequence: 'a' }), {
      kind: 'edit',
      edit: { kind: 'insert', text: 'a' }
    })
    assert.deepEqual(keyAction('日', { sequence: '日' }), {
      kind: 'edit',
      edit: { kind: 'insert', text: '日' }
    })
  })

  it('sends with Enter, starts a line with Alt-Enter or Ctrl-J', () => {
    const newLine = { kind: 'edit', edit: { kind: 'insert', text: '\n' } }
    assert.deepEqual(keyAction('\r', { name: 'return' }), { kind: 'submit' })
    assert.deepEqual(keyAction('\r', { name: 'return', meta: true }), newLine)
    assert.deepEqual(keyAction('\n', { name: 'enter' }), newLine)
  })

  it('leaves with Ctrl-C and Ctrl-D', () => {
    assert.deepEqual(keyAction('\u0003', { name: 'c', ctrl: true }), { kind: 'interrupt' })
    assert.deepEqual(keyAction('\u0004', { name: 'd', ctrl: true }), { kind: 'end-of-input' })
  })

  it('scrolls with the arrows and pages', () => {
    assert.deepEqual(keyAction(undefined, { name: 'up' }), { kind: 'scroll', by: 'line-up' })
    assert.deepEqual(keyAction(undefined, { name: 'pagedown' }), { kind: 'scroll', by: 'page-down' })
    assert.deepEqual(keyAction('\u001b', { name: 'escape', meta: true }), { kind: 'scroll', by: 'newest' })
  })

  it('does nothing that was not meant', () => {
    assert.deepEqual(keyAction(undefined, { name: 'f5' }), { kind: 'none' })
    assert.deepEqual(keyAction('\t', { name: 'tab' }), { kind: 'none' })
    assert.deepEqual(keyAction('x', { name: 'x', ctrl: true }), { kind: 'none' })
    assert.deepEqual(keyAction('x', { name: 'x', meta: true }), { kind: 'none' })
  })

  it('tells a paste from typing', () => {
    assert.deepEqual(keyAction(undefined, { name: 'paste-start' }), { kind: 'paste-start' })
    assert.deepEqual(keyAction(undefined, { name: 'paste-end' }), { kind: 'paste-end' })
  })
})
