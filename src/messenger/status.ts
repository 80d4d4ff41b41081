import type { IdentityId } from '../codec/ids.js'
import { peerOf } from './contacts/told-addresses.js'
import type { Context } from './context.js'
import type { Contact, Conversation, Message, MessageStatus } from './messenger.js'
import { sendingSession, usableBundle } from './send/seal.js'
import type { PeerState } from './peer-state.js'
import { compareBytes } from '../protocol/compare-bytes.js'
import { hasNumber } from '../protocol/delivery/ranges.js'
import { DAY_MS } from '../protocol/limits.js'
import { positionOf } from '../protocol/message/order.js'
import type { ConversationRecord } from '../storage/records/conversation-record.js'
import { messageRecord, type MessageRecord } from '../storage/records/message-record.js'
import { readRecord } from '../storage/records/read-record.js'

/** A contact counts as reachable for this long after it was heard, ms. */
export const HEARD_LATELY = 60_000
/** Characters of an id shown where there is no name. */
const SHORT_ID = 8

/** What became of our message `number`. */
export function ownStatus(conversation: ConversationRecord, number: number): MessageStatus {
  if (hasNumber(conversation.read, number)) return 'read'
  if (hasNumber(conversation.delivered, number)) return 'delivered'
  if (hasNumber(conversation.expired, number)) return 'expired'
  return hasNumber(conversation.sent, number) ? 'sent' : 'queued'
}

function receivedStatus(conversation: ConversationRecord, record: MessageRecord): MessageStatus {
  const stream = conversation.streams.find((known) => compareBytes(known.stream, record.stream) === 0)
  return stream !== undefined && hasNumber(stream.read, record.number) ? 'read' : 'delivered'
}

/** A stored message as the app sees it. */
export function toMessage(context: Context, state: PeerState, record: MessageRecord): Message {
  const { conversation } = state
  const status = record.own ? ownStatus(conversation, record.number) : receivedStatus(conversation, record)
  const carriers =
    status === 'sent' ? context.outbox.entryOf(state.contact.id, record.number)?.holders.size : undefined
  return {
    id: record.id,
    conversationId: conversation.id,
    sender: record.own ? context.ownId : state.contact.id,
    own: record.own,
    content: record.content,
    priority: record.priority,
    sentAt: Math.min(record.sentAt, record.storedAt + DAY_MS),
    storedAt: record.storedAt,
    status,
    position: positionOf(record.clock, record.id),
    // Last: after it, each field would be a call of the runtime.
    ...(carriers === undefined ? {} : { carriers })
  }
}

/** The message at a position, or `undefined` if there is none or its record is damaged. */
export async function loadMessage(
  context: Context,
  state: PeerState,
  position: string
): Promise<Message | undefined> {
  const record = await readRecord(
    context.store,
    context.tables.message(state.contact.id, position),
    messageRecord
  )
  // Its status may have risen while it was read.
  return record && toMessage(context, context.queue.states.get(state.contact.id) ?? state, record)
}

/** Whether a peer linked now is one the contact has named as its own. */
function isLinked(context: Context, state: PeerState): boolean {
  const { linked } = context.state
  return state.contact.addresses.some((address) => linked.has(peerOf(address)))
}

/** How many linked peers are in the topic. */
export function listeners({ network, topic }: Context): number {
  return network.peers().filter(({ topics }) => topics.includes(topic)).length
}

/** Whether the contact would most likely get a message now. */
export function isReachable(context: Context, state: PeerState): boolean {
  const { started, linked } = context.state
  // Who has a link to nobody reaches nobody, whoever was heard a moment ago.
  if (!started || linked.size === 0) return false
  return isLinked(context, state) || isHeardLately(state.conversation, context.clock.now())
}

/** Whether the contact was heard so shortly before `now` that it counts as reachable. A clock that was set back makes nobody so. */
export function isHeardLately({ heardAt }: ConversationRecord, now: number): boolean {
  return heardAt > 0 && Math.abs(now - heardAt) < HEARD_LATELY
}

/** The contacts that would most likely get a message now; none if nobody asks. */
export function reachableContacts(context: Context): Set<IdentityId> {
  const reachable = new Set<IdentityId>()
  if (!context.events.hears('contact:update')) return reachable
  for (const [id, state] of context.queue.states) if (isReachable(context, state)) reachable.add(id)
  return reachable
}

/** What sending to a contact rests on, or waits for. */
export function sessionStatus(context: Context, state: PeerState): Contact['session'] {
  const now = context.clock.now()
  const session = sendingSession(context, state, now)
  if (session !== undefined) return session.opening === undefined ? 'established' : 'handshake'
  return usableBundle(state, now) === undefined ? 'waiting-for-bundle' : 'none'
}

export function toContact(context: Context, state: PeerState): Contact {
  const { contact, conversation } = state
  return {
    id: contact.id,
    name: contact.givenName || contact.profileName || contact.id.slice(0, SHORT_ID),
    conversationId: conversation.id,
    origin: contact.origin,
    addedAt: contact.addedAt,
    verified: contact.verified,
    blocked: contact.blocked,
    ...(contact.change === undefined ? {} : { change: contact.change }),
    ...(conversation.heardAt === 0 ? {} : { heardAt: conversation.heardAt }),
    reachable: isReachable(context, state),
    session: sessionStatus(context, state)
  }
}

export async function toConversation(context: Context, state: PeerState): Promise<Conversation> {
  const { conversation } = state
  const last =
    conversation.lastPosition === undefined
      ? undefined
      : await loadMessage(context, state, conversation.lastPosition)
  return {
    id: conversation.id,
    kind: 'direct',
    contactId: conversation.contactId,
    unread: conversation.unread,
    ...(last === undefined ? {} : { lastMessage: last })
  }
}
