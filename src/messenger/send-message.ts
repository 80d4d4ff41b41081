import type { ConversationId } from '../codec/ids.js'
import { MessengerError } from '../errors.js'
import { addNumber } from '../protocol/delivery/ranges.js'
import { expiryDay, isDayOver } from '../protocol/envelope/envelope.js'
import {
  DAY_MS,
  DEFAULT_LIFETIME_DAYS,
  MAX_CONTENT_BYTES,
  MAX_LIFETIME_DAYS,
  MAX_MEDIA_TYPE_BYTES,
  MAX_OUTBOX
} from '../protocol/limits.js'
import { insertInOrder, nextInOrder, positionOf } from '../protocol/message/order.js'
import { messageId, STREAM_BYTES, textLength, type Body } from '../protocol/message/payload.js'
import { encodeBody, decodeBody } from '../protocol/message/body.js'
import { messageRecord, type Content, type MessageRecord } from '../storage/records/message-record.js'
import { outboxRecord, type OutboxRecord } from '../storage/records/outbox-record.js'
import type { Context } from './context.js'
import type { Unit } from './contact-queue.js'
import { emitConversation } from './announce.js'
import type { Message } from './messenger.js'
import { withConversation, type PeerState } from './peer-state.js'
import { enqueueProfile } from './profile.js'
import { ensureSession, sealPayload } from './seal.js'
import { toMessage } from './status.js'

/** Messages sealed in one step: a backlog must not keep the contact's other steps waiting. */
const MAX_SEALED_PER_STEP = 128

/** Send to a conversation; resolves when the message is durable here. */
export async function sendMessage(
  context: Context,
  id: ConversationId,
  content: string | Content,
  options: { readonly lifetime?: number; readonly signal?: AbortSignal } = {}
): Promise<Message> {
  if (options.signal?.aborted === true)
    throw new MessengerError('ABORTED', 'Sending was aborted before anything was stored')
  const checked = checkContent(typeof content === 'string' ? { kind: 'text', text: content } : content)
  const lifetime = Math.min(options.lifetime ?? DEFAULT_LIFETIME_DAYS * DAY_MS, MAX_LIFETIME_DAYS * DAY_MS)
  if (!(lifetime > 0))
    throw new MessengerError('OPTIONS_INVALID', 'A lifetime is a positive number of milliseconds')
  const contactId = contactOf(context, id)
  return await context.queue.run(contactId, async (unit) => {
    const state = sendable(context, unit)
    await enqueueProfile(context, unit)
    return await enqueueMessage(context, unit, state, checked, lifetime)
  })
}

/** The contact of a conversation. Rejects with `UNKNOWN_CONVERSATION`. */
export function contactOf(context: Context, id: ConversationId): PeerState['contact']['id'] {
  const contactId = context.conversations.get(id)
  if (contactId === undefined) {
    throw new MessengerError(
      'UNKNOWN_CONVERSATION',
      'No such conversation; get its id from contacts.add() or conversations.list()'
    )
  }
  return contactId
}

function checkContent(content: Content): Content {
  if (content.kind === 'text') {
    if (content.text === '')
      throw new MessengerError('CONTENT_INVALID', 'A message needs text; an empty one says nothing')
    if (!content.text.isWellFormed()) {
      throw new MessengerError(
        'CONTENT_INVALID',
        'The text holds half of a character (a lone surrogate); repair it with toWellFormed()'
      )
    }
    checkLength(textLength(content.text))
    return content
  }
  if (content.mediaType === '' || textLength(content.mediaType) > MAX_MEDIA_TYPE_BYTES) {
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

function sendable(context: Context, unit: Unit): PeerState {
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
  if (context.outbox.of(contact.id).size >= MAX_OUTBOX) {
    throw new MessengerError(
      'OUTBOX_FULL',
      `${String(MAX_OUTBOX)} messages wait for this contact already; wait until it is reached`
    )
  }
  return state
}

function streamOf(context: Context): Uint8Array {
  return context.own.record.identity.incarnation.subarray(0, STREAM_BYTES)
}

async function enqueueMessage(
  context: Context,
  unit: Unit,
  before: PeerState,
  content: Content,
  lifetime: number
): Promise<Message> {
  const state = unit.state ?? before
  const now = context.clock.now()
  const { conversation, contact } = state
  const { clock, parents } = nextInOrder(conversation.order)
  const stream = streamOf(context)
  const number = conversation.nextNumber
  const id = messageId(context.ownId, conversation.id, stream, number)
  const position = positionOf(clock, id)
  const record: MessageRecord = { id, own: true, stream, number, clock, sentAt: now, storedAt: now, content }
  const said =
    content.kind === 'text'
      ? { text: content.text }
      : { data: { mediaType: content.mediaType, bytes: content.bytes } }
  const body: Body = { stream, number, clock, parents: [...parents], sentAt: now, ...said }
  unit.state = withConversation(state, {
    order: insertInOrder(conversation.order, id, clock, conversation.order.heads),
    lastPosition: position
  })
  unit.put(context.tables.message(contact.id, position), messageRecord.encode(record))
  await enqueueBody(context, unit, body, position, expiryDay(now, lifetime))
  const message = toMessage(context, state, record)
  unit.after(() => {
    context.tail.push(message)
    emitConversation(context, contact.id)
  })
  return message
}

/** Put a numbered body into the outbox, sealed if that is possible now. */
export async function enqueueBody(
  context: Context,
  unit: Unit,
  body: Body,
  position: string,
  expiry: number
): Promise<void> {
  if (unit.state === undefined) return
  unit.state = withConversation(unit.state, { nextNumber: body.number + 1 })
  const envelope = canSeal(context, unit) ? await sealPayload(context, unit, body, expiry) : undefined
  const entry = { number: body.number, position, expiryDay: expiry, body: encodeBody(body) }
  storeEntry(context, unit, entry, envelope)
}

function storeEntry(
  context: Context,
  unit: Unit,
  entry: Omit<OutboxRecord, 'envelope'>,
  envelope: Uint8Array | undefined
): void {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return
  unit.sealed += envelope === undefined ? 0 : 1
  const record = envelope === undefined ? entry : { ...entry, envelope }
  unit.put(context.tables.outbox(contactId, entry.number), outboxRecord.encode(record))
  unit.after(() => {
    const { number, position, expiryDay: expiry } = entry
    context.outbox.add(
      { contactId, number, position, expiryDay: expiry, sealed: envelope !== undefined },
      envelope
    )
    context.flush()
  })
}

/** Whether the next message may be sealed now: a session that text may go on, and not too much unacknowledged. */
function canSeal(context: Context, unit: Unit): boolean {
  const { state } = unit
  if (state === undefined || state.contact.change !== undefined || state.contact.blocked) return false
  if (context.outbox.roomToSeal(state.contact.id) - unit.sealed <= 0) return false
  const session = ensureSession(context, unit)
  return session !== undefined && !session.stale
}

/** Seal what waits for a contact, oldest first; says whether more waits that could be sealed at once. */
export async function sealWaiting(context: Context, unit: Unit): Promise<boolean> {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return false
  let sealed = 0
  // In the order of their numbers, which is that of insertion.
  for (const entry of context.outbox.of(contactId).values()) {
    if (entry.sealed) continue
    if (!canSeal(context, unit)) return false
    if (sealed++ >= MAX_SEALED_PER_STEP) return true
    const bytes = await unit.get(context.tables.outbox(contactId, entry.number))
    if (bytes === undefined || isDayOver(entry.expiryDay, context.clock.now())) continue
    const { envelope: sealedBefore, ...record } = outboxRecord.decode(bytes)
    if (sealedBefore !== undefined) continue
    const body = decodeBody(record.body)
    const envelope = body === undefined ? undefined : await sealPayload(context, unit, body, record.expiryDay)
    if (envelope === undefined) return false
    storeEntry(context, unit, record, envelope)
  }
  return false
}

/** Our numbers that were handed to somebody. */
export function markSent(unit: Unit, numbers: readonly number[]): void {
  const { state } = unit
  if (state === undefined) return
  const sent = numbers.reduce(addNumber, state.conversation.sent)
  if (sent !== state.conversation.sent) unit.state = withConversation(state, { sent })
}
