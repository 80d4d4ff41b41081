import type { IdentityId } from '../codec/ids.js'
import { MAX_INVITED_HELLOS } from '../protocol/limits.js'
import type { Session } from '../protocol/ratchet/session.js'
import type { ContactRecord, HeldInvite } from '../storage/records/contact-record.js'
import { contactRecord } from '../storage/records/contact-record.js'
import { conversationRecord, type ConversationRecord } from '../storage/records/conversation-record.js'
import { sessionRecord } from '../storage/records/session-record.js'
import type { Tables } from '../storage/records/tables.js'
import type { Write } from '../storage/store.js'

/** Everything about one contact that steps read and replace: plain data, the same in memory as in the store. */
export interface PeerState {
  readonly contact: ContactRecord
  readonly conversation: ConversationRecord
  readonly sessions: readonly Session[]
}

/** The session with this id, if it is still kept. */
export function findSession(state: PeerState, id: Uint8Array): Session | undefined {
  return state.sessions.find((session) => session.id.every((byte, index) => byte === id[index]))
}

/** The state with one session replaced or added. */
export function withSession(state: PeerState, session: Session): PeerState {
  const known = findSession(state, session.id)
  const sessions =
    known === undefined
      ? [...state.sessions, session]
      : state.sessions.map((other) => (other === known ? session : other))
  return { ...state, sessions }
}

export function withConversation(state: PeerState, changes: Partial<ConversationRecord>): PeerState {
  return { ...state, conversation: { ...state.conversation, ...changes } }
}

export function withContact(state: PeerState, changes: Partial<ContactRecord>): PeerState {
  return { ...state, contact: { ...state.contact, ...changes } }
}

/** The contact's invite is used up: its owner has answered, or has lost it. */
export function withUsedInvite(state: PeerState): PeerState {
  const { invite } = state.contact
  if (invite === undefined || invite.count >= MAX_INVITED_HELLOS) return state
  return withContact(state, { invite: { ...spent(invite), count: MAX_INVITED_HELLOS } })
}

/** The invite whose one-time key has taken part in an exchange, and takes part in no other. */
export function spent({ oneTimeKey: _spent, ...invite }: HeldInvite): HeldInvite {
  return invite
}

/** The writes that turn one state into the other: only what changed. */
export function stateWrites(tables: Tables, before: PeerState | undefined, after: PeerState): Write[] {
  const { id } = after.contact
  const writes: Write[] = []
  if (before?.contact !== after.contact) {
    writes.push({ type: 'put', key: tables.contact(id), value: contactRecord.encode(after.contact) })
  }
  if (before?.conversation !== after.conversation) {
    writes.push({
      type: 'put',
      key: tables.conversation(id),
      value: conversationRecord.encode(after.conversation)
    })
  }
  writes.push(...sessionWrites(tables, id, before?.sessions ?? [], after.sessions))
  return writes
}

function sessionWrites(
  tables: Tables,
  contact: IdentityId,
  before: readonly Session[],
  after: readonly Session[]
): Write[] {
  if (before === after) return []
  const kept = new Set(after.map((session) => tables.session(contact, session.id)))
  const deleted = before
    .map((session) => tables.session(contact, session.id))
    .filter((key) => !kept.has(key))
    .map((key): Write => ({ type: 'delete', key }))
  const put = after
    .filter((session) => !before.includes(session))
    .map((session): Write => ({
      type: 'put',
      key: tables.session(contact, session.id),
      value: sessionRecord.encode(session)
    }))
  return [...deleted, ...put]
}
