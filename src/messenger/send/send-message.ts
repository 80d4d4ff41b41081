import type { ConversationId, IdentityId } from '../../codec/ids.js'
import { MessengerError } from '../../errors.js'
import { expiryDay } from '../../protocol/envelope/envelope.js'
import {
  DAY_MS,
  DEFAULT_LIFETIME_DAYS,
  EMERGENCY_RESERVE,
  MAX_CONTENT_BYTES,
  MAX_LIFETIME_DAYS,
  MAX_MEDIA_TYPE_BYTES,
  MAX_OUTBOX
} from '../../protocol/limits.js'
import { insertInOrder, nextInOrder, positionOf } from '../../protocol/message/order.js'
import { fitsText, messageId, streamOf, textLength, type Body } from '../../protocol/message/payload.js'
import { PRESSING_FIRST, rankOf, type Priority } from '../../protocol/message/priority.js'
import { messageRecord, type Content, type MessageRecord } from '../../storage/records/message-record.js'
import { isBytes } from '../../takes.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { emitConversation } from '../announce.js'
import { enqueueBody } from './enqueue.js'
import type { Message, SendOptions } from '../messenger.js'
import { withContact, type PeerState } from '../peer-state.js'
import { enqueueProfile } from '../contacts/profile.js'
import { toMessage } from '../status.js'

/** Send to a conversation; resolves when the message is durable here. */
export async function sendMessage(
  context: Context,
  id: ConversationId,
  content: string | Content,
  options: SendOptions = {}
): Promise<Message> {
  if (options.signal?.aborted === true)
    throw new MessengerError('ABORTED', 'Sending was aborted before anything was stored', {
      cause: options.signal.reason
    })
  const checked = checkContent(typeof content === 'string' ? { kind: 'text', text: content } : content)
  const lifetime = Math.min(options.lifetime ?? DEFAULT_LIFETIME_DAYS * DAY_MS, MAX_LIFETIME_DAYS * DAY_MS)
  if (!(lifetime > 0))
    throw new MessengerError('OPTIONS_INVALID', 'A lifetime is a positive number of milliseconds')
  const { priority = 'routine' } = options
  if (!PRESSING_FIRST.includes(priority))
    throw new MessengerError('OPTIONS_INVALID', `A priority is one of ${PRESSING_FIRST.join(', ')}`)
  const contactId = contactOf(context, id)
  return await context.queue.run(contactId, (unit) => {
    const state = accept(unit, sendable(context, unit, priority))
    enqueueProfile(context, unit)
    return enqueueMessage(context, unit, state, { content: checked, lifetime, priority })
  })
}

/** The contact of a conversation. Rejects with `UNKNOWN_CONVERSATION`. */
export function contactOf(context: Context, id: ConversationId): IdentityId {
  const contactId = context.conversations.get(id)
  if (contactId === undefined) {
    throw new MessengerError(
      'UNKNOWN_CONVERSATION',
      'No such conversation; get its id from contacts.add() or conversations.list()'
    )
  }
  return contactId
}

function isContent(content: unknown): content is Content {
  if (typeof content !== 'object' || content === null) return false
  const { kind, text, mediaType, bytes }: Partial<Record<string, unknown>> = { ...content }
  if (kind === 'text') return typeof text === 'string'
  return kind === 'data' && typeof mediaType === 'string' && isBytes(bytes)
}

function checkContent(content: unknown): Content {
  if (!isContent(content)) {
    throw new MessengerError(
      'CONTENT_INVALID',
      "A message is a text, { kind: 'text', text } or { kind: 'data', mediaType, bytes } with a Uint8Array"
    )
  }
  if (content.kind === 'text') {
    if (content.text === '')
      throw new MessengerError('CONTENT_INVALID', 'A message needs text; an empty one says nothing')
    if (!content.text.isWellFormed()) {
      throw new MessengerError(
        'CONTENT_INVALID',
        'The text holds half of a character (a lone surrogate); repair it with toWellFormed()'
      )
    }
    if (!fitsText(content.text, MAX_CONTENT_BYTES)) checkLength(textLength(content.text))
    return content
  }
  const { mediaType } = content
  if (mediaType === '' || textLength(mediaType) > MAX_MEDIA_TYPE_BYTES || !mediaType.isWellFormed()) {
    throw new MessengerError(
      'CONTENT_INVALID',
      `Data needs a media type of at most ${String(MAX_MEDIA_TYPE_BYTES)} bytes`
    )
  }
  checkLength(content.bytes.length)
  return { ...content, bytes: content.bytes.slice() }
}

function checkLength(length: number): void {
  if (length > MAX_CONTENT_BYTES) {
    throw new MessengerError(
      'TOO_LARGE',
      `A message holds at most ${String(MAX_CONTENT_BYTES)} bytes and this one has ${String(length)}; split it`
    )
  }
}

function sendable(context: Context, unit: Unit, priority: Priority): PeerState {
  const { state } = unit
  if (state === undefined)
    throw new MessengerError(
      'UNKNOWN_CONVERSATION',
      'The contact of this conversation was removed; add it again'
    )
  const { contact } = state
  if (contact.blocked)
    throw new MessengerError('CONTACT_BLOCKED', 'This contact is blocked; unblock it to write to it')
  if (contact.change !== undefined) {
    throw new MessengerError(
      'IDENTITY_CHANGED',
      'The keys of this contact have changed; compare safety numbers with it, then call contacts.acceptChange()'
    )
  }
  const most = priority === 'emergency' ? MAX_OUTBOX + EMERGENCY_RESERVE : MAX_OUTBOX
  if (context.outbox.messagesTo(contact.id) + unit.sending >= most) {
    throw new MessengerError(
      'OUTBOX_FULL',
      `${String(most)} messages wait for this contact already; wait until it is reached`
    )
  }
  return state
}

/** Whoever our user writes to is a stranger no more. */
function accept(unit: Unit, state: PeerState): PeerState {
  const accepted = state.contact.accepted ? state : withContact(state, { accepted: true })
  unit.state = accepted
  return accepted
}

/** What is sent, and how. */
interface Draft {
  readonly content: Content
  readonly lifetime: number
  readonly priority: Priority
}

function enqueueMessage(
  context: Context,
  unit: Unit,
  before: PeerState,
  { content, lifetime, priority }: Draft
): Message {
  const state = unit.state ?? before
  const now = context.clock.now()
  const { conversation, contact } = state
  const { clock, parents } = nextInOrder(conversation.order)
  const stream = streamOf(context.own.record.identity)
  const number = conversation.nextNumber
  const id = messageId(context.ownId, conversation.id, stream, number)
  const position = positionOf(clock, id)
  // A literal, as what spreads compose is slow to make and slow to read ever after.
  const record: MessageRecord = {
    id,
    own: true,
    stream,
    number,
    clock,
    sentAt: now,
    storedAt: now,
    content,
    priority
  }
  const body: Body = { stream, number, clock, parents: [...parents], sentAt: now }
  if (content.kind === 'text') body.text = content.text
  else body.data = { mediaType: content.mediaType, bytes: content.bytes }
  if (priority !== 'routine') body.priority = rankOf(priority)
  unit.put(context.tables.message(contact.id, position), messageRecord.encode(record))
  enqueueBody(unit, body, position, expiryDay(now, lifetime), {
    order: insertInOrder(conversation.order, id, clock, conversation.order.heads),
    lastPosition: position
  })
  const message = toMessage(context, state, record)
  unit.after(() => {
    context.recent.add(position, record)
    context.tail.push(message)
    emitConversation(context, contact.id)
  })
  return message
}
