import assert from 'node:assert/strict'
import {
  findSession,
  stateWrites,
  withContact,
  withConversation,
  withSession,
  withUsedInvite,
  type PeerState
} from '../../src/messenger/peer-state.js'
import { MAX_INVITED_HELLOS } from '../../src/protocol/limits.js'
import { Tables } from '../../src/storage/records/tables.js'
import { createBench, friends, onlyState } from '../support/messenger-bench.js'

const tables = new Tables((_, id) => id)

describe('messenger/peer-state', () => {
  let state: PeerState

  before(async () => {
    const [alice] = await friends(createBench())
    state = onlyState(alice.context)
  })

  const written = (before: PeerState | undefined, after: PeerState): string[] =>
    stateWrites(tables, before, after).map(({ type, key }) => `${type} ${key.split('/')[0] ?? ''}`)

  it('writes what changed, and deletes a session that is gone', () => {
    assert.deepEqual(written(undefined, state), ['put contact', 'put conversation', 'put session'])
    assert.deepEqual(written(state, state), [])
    assert.deepEqual(written(state, withContact(state, { verified: true })), ['put contact'])
    assert.deepEqual(written(state, withConversation(state, { unread: 9 })), ['put conversation'])
    assert.deepEqual(written(state, { ...state, sessions: [] }), ['delete session'])
    const [session] = state.sessions
    assert.ok(session !== undefined)
    assert.deepEqual(written(state, withSession(state, { ...session, stale: true })), ['put session'])
  })

  it('replaces a session of the same id and adds any other', () => {
    const [session] = state.sessions
    assert.ok(session !== undefined)
    assert.equal(withSession(state, { ...session, stale: true }).sessions.length, 1)
    const other = { ...session, id: new Uint8Array(32).fill(1) }
    const both = withSession(state, other)
    assert.deepEqual(both.sessions, [session, other])
    assert.equal(findSession(both, new Uint8Array(32).fill(1)), other)
    assert.equal(findSession(both, new Uint8Array(32)), undefined)
  })

  it('changes nothing that was passed in', () => {
    const copy = structuredClone(state)
    withContact(state, { verified: true })
    withConversation(state, { unread: 7 })
    withUsedInvite(withContact(state, { invite: { secret: new Uint8Array(32), notAfter: 0, count: 1 } }))
    assert.deepEqual(state, copy)
  })

  it('keeps the invite that is used up, without its one-time key, and has it used up once', () => {
    const invite = { secret: new Uint8Array(32), notAfter: 0, count: 1 }
    const held = withContact(state, { invite: { ...invite, oneTimeKey: new Uint8Array(32) } })
    const used = withUsedInvite(held)
    assert.deepEqual(used.contact.invite, { ...invite, count: MAX_INVITED_HELLOS })
    assert.equal(withUsedInvite(used), used)
  })
})
