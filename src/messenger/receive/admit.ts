import { compareBytes } from '../../protocol/compare-bytes.js'
import {
  addNumber,
  closeOldestGaps,
  hasNumber,
  NO_RANGES,
  parseRanges,
  unite,
  type Ranges
} from '../../protocol/delivery/ranges.js'
import { MAX_RANGES, MAX_RECEIPT_RANGES, MAX_STRANGER_MESSAGES, MAX_STREAMS } from '../../protocol/limits.js'
import { countPriority, priorityOf } from '../../protocol/message/priority.js'
import { admitClock, insertInOrder, positionOf } from '../../protocol/message/order.js'
import {
  encodeBody,
  messageId,
  STREAM_BYTES,
  type Body,
  type Payload,
  type Receipt
} from '../../protocol/message/payload.js'
import { decodeBundle } from '../../protocol/prekeys/bundle.js'
import { encodeMessageId, type MessageId } from '../../codec/ids.js'
import { sha256 } from '../../crypto/hash.js'
import type { ReceivedStream } from '../../storage/records/conversation-record.js'
import { messageRecord, type Content, type MessageRecord } from '../../storage/records/message-record.js'
import { emitContact, emitConversation, emitRead, emitUpdates } from '../announce.js'
import { adoptBundle } from '../contacts/adopt-bundle.js'
import { keepLinks } from '../contacts/keep-links.js'
import { isOwnStream, namesUnknown } from '../continuity/continuity.js'
import { suspectCopy } from '../continuity/suspect-copy.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { numbersOf, type OutboxEntry } from '../send/outbox.js'
import { withContact, withConversation, type PeerState } from '../peer-state.js'
import { enqueueProfile } from '../contacts/profile.js'
import { sendingSession } from '../send/seal.js'
import { toMessage } from '../status.js'

/** Take over what an authenticated payload says. */
export async function admitPayload(context: Context, unit: Unit, payload: Payload): Promise<void> {
  if (unit.state === undefined) return
  const { contact } = unit.state
  const heardBefore = unit.state.conversation.heardAt
  const now = context.clock.now()
  unit.state = withConversation(unit.state, { heardAt: now })
  for (const receipt of payload.receipts) admitReceipt(context, unit, receipt)
  for (const body of payload.bodies) await admitBody(context, unit, body)
  enqueueProfile(context, unit)
  unit.after(() => {
    context.sealSoon(contact.id)
    if (context.outbox.heard(contact.id, context.clock.now())) context.flush()
  })
  // Once a second is enough for a display.
  if (Math.abs(now - heardBefore) > 1000) {
    unit.after(() => {
      emitContact(context, contact.id)
    })
  }
}

function admitReceipt(context: Context, unit: Unit, receipt: Receipt): void {
  const { state } = unit
  if (state === undefined) return
  if (!isOwnStream(context, receipt.stream)) return
  if (namesUnknown(context, receipt, state.conversation.nextNumber)) {
    // It speaks of what somebody else gave our next numbers to, and perhaps the last ones.
    unit.after(() => {
      suspectCopy(context, 'receipt')
    })
    return
  }
  const delivered = parseRanges(receipt.delivered, MAX_RECEIPT_RANGES) ?? NO_RANGES
  const read = parseRanges(receipt.read, MAX_RECEIPT_RANGES) ?? NO_RANGES
  const all = [...context.outbox.of(state.contact.id).values()]
  // Carriers may bring back a receipt of a time that an old copy of the store has lost: it speaks of other messages under these numbers.
  const latest = receipt.latest ?? Infinity
  const entries = all.filter(({ sentAt }) => sentAt <= latest)
  const isOfAnotherTime =
    read.length > 0 &&
    all.some((entry) => entry.sentAt > latest && numbersOf(entry).some((number) => hasNumber(read, number)))
  const arrived = entries
    .flatMap(numbersOf)
    .filter((number) => hasNumber(delivered, number) && !hasNumber(state.conversation.delivered, number))
  // Only of numbers that were given out: a contact may claim anything.
  const seen = isOfAnotherTime
    ? state.conversation.read
    : unite(state.conversation.read, read, state.conversation.nextNumber, MAX_RANGES)
  const wasRead = state.conversation.read
  const known = arrived.reduce(addNumber, state.conversation.delivered)
  // An older session may have said so: without its hello the one in use would never be opened, whatever follows on it.
  const isAnswered = sendingSession(context, state, context.clock.now())?.opening === undefined
  const done = entries.filter(
    (entry) =>
      (isAnswered || entry.isOnlyHello !== true) &&
      numbersOf(entry).every((number) => hasNumber(known, number))
  )
  if (arrived.length + done.length === 0 && seen === wasRead) return
  unit.state = withConversation(state, { delivered: known, read: seen })
  for (const { number } of done) unit.delete(context.tables.outbox(state.contact.id, number))
  unit.after(() => {
    const at = context.clock.now()
    for (const { number } of done) context.outbox.remove(state.contact.id, number, at)
    emitUpdates(context, state.contact.id, positionsOf(entries, new Set(arrived)))
    // Of those that arrived and were read at once, that was just told.
    if (seen !== wasRead) emitRead(context, state.contact.id, arrived.reduce(addNumber, wasRead))
  })
}

function positionsOf(entries: readonly OutboxEntry[], numbers: ReadonlySet<number>): string[] {
  return entries.flatMap(({ number, positions }) =>
    positions.filter((_, index) => numbers.has(number + index))
  )
}

/**
 * Whether a payload is to be taken now. If not, nothing of it is: it counts as undelivered and comes again. A kind of content this version
 * does not know waits for a newer one; a stranger fills no disk.
 */
export function isWelcome({ contact, conversation }: PeerState, { bodies }: Payload): boolean {
  const shown = bodies.filter(({ profile }) => profile === undefined)
  if (shown.some((body) => contentOf(body) === undefined)) return false
  if (shown.length === 0 || contact.accepted) return true
  // The first envelope in any case: somebody has to see that a stranger writes.
  return conversation.unread === 0 || conversation.unread + shown.length <= MAX_STRANGER_MESSAGES
}

/** Whether some of what was refused of a contact may be taken after a change. */
export function isMoreWelcome(before: PeerState, after: PeerState): boolean {
  const [one, other] = [before.contact, after.contact]
  if (other.blocked || other.change !== undefined) return false
  const isHeardAgain = one.blocked || one.change !== undefined
  return (
    isHeardAgain ||
    (!one.accepted && (other.accepted || after.conversation.unread < before.conversation.unread))
  )
}

/** The stream with one more number. */
function withReceived(known: ReceivedStream, received: Ranges, { sentAt }: Body): ReceivedStream {
  const latest = Math.max(known.latest ?? 0, sentAt)
  return { ...known, received: closeOldestGaps(received, MAX_RANGES), latest }
}

function findStream(state: PeerState, stream: Uint8Array): ReceivedStream {
  const known = state.conversation.streams.find((candidate) => compareBytes(candidate.stream, stream) === 0)
  return known ?? { stream: stream.slice(), received: NO_RANGES, read: NO_RANGES }
}

async function admitBody(context: Context, unit: Unit, body: Body): Promise<void> {
  const { state } = unit
  if (state === undefined) return
  const { conversation, contact } = state
  const content = contentOf(body)
  const known = findStream(state, body.stream)
  // Whoever is in need is to know at once that it was heard.
  const isPressing = contact.accepted && priorityOf(body.priority) === 'emergency'
  unit.after(() => {
    context.owesReceipt(contact.id, isPressing)
  })
  const received = addNumber(known.received, body.number)
  const isKnownNumber = received === known.received
  const id = content === undefined ? undefined : await newId(context, unit, body, content, isKnownNumber)
  if (isKnownNumber && id === undefined) {
    unit.state = withConversation(state, { receiptDue: true })
    return
  }
  const others = conversation.streams.filter((candidate) => compareBytes(candidate.stream, body.stream) !== 0)
  const streams = [...others, withReceived(known, received, body)].slice(-MAX_STREAMS)
  if (content === undefined || id === undefined)
    unit.state = withConversation(state, { receiptDue: true, streams })
  else admitContent(context, unit, body, content, id, streams)
  if (body.profile !== undefined) await admitProfile(context, unit, body, body.profile)
}

/**
 * The id under which a message is new here; `undefined` if it is a repetition. A number that is given to something else than it was comes from
 * an author who goes on from an old copy of its store: what it says is kept beside what it said before, and not taken for delivered.
 */
async function newId(
  context: Context,
  unit: Unit,
  body: Body,
  content: Content,
  isKnownNumber: boolean
): Promise<MessageId | undefined> {
  if (unit.state === undefined) return undefined
  const { contact, conversation } = unit.state
  const id = messageId(contact.id, conversation.id, body.stream, body.number)
  if (!isKnownNumber) return id
  const stored = async (known: MessageId): Promise<MessageRecord | undefined> => {
    const position = positionOf(admitClock(conversation.order, body.clock), known)
    const bytes = await unit.get(context.tables.message(contact.id, position))
    return bytes === undefined ? undefined : messageRecord.decode(bytes)
  }
  const before = await stored(id)
  if (before !== undefined && isSameContent(before.content, content)) return undefined
  const other = messageId(
    contact.id,
    conversation.id,
    sha256(encodeBody(body)).slice(0, STREAM_BYTES),
    body.number
  )
  return (await stored(other)) === undefined ? other : undefined
}

function isSameContent(one: Content, other: Content): boolean {
  if (one.kind === 'text') return other.kind === 'text' && one.text === other.text
  return (
    other.kind === 'data' && one.mediaType === other.mediaType && compareBytes(one.bytes, other.bytes) === 0
  )
}

function contentOf(body: Body): Content | undefined {
  if (body.text !== undefined) return { kind: 'text', text: body.text }
  if (body.data === undefined) return undefined
  return { kind: 'data', mediaType: body.data.mediaType, bytes: body.data.bytes.slice() }
}

/** Keep a message, of which `streams` tells already: both in one change, as each copies the conversation. */
function admitContent(
  context: Context,
  unit: Unit,
  body: Body,
  content: Content,
  id: MessageId,
  streams: readonly ReceivedStream[]
): void {
  const { state } = unit
  if (state === undefined) return
  const { conversation, contact } = state
  const clock = admitClock(conversation.order, body.clock)
  const position = positionOf(clock, id)
  const now = context.clock.now()
  const claimed = priorityOf(body.priority)
  const { priority, emergencies } = countPriority(claimed, contact.accepted, conversation.emergencies, now)
  const record: MessageRecord = {
    id,
    own: false,
    stream: body.stream.slice(),
    number: body.number,
    clock,
    sentAt: body.sentAt,
    storedAt: now,
    content,
    priority
  }
  const last = conversation.lastPosition
  unit.state = withConversation(state, {
    receiptDue: true,
    streams,
    order: insertInOrder(conversation.order, id, clock, body.parents.map(encodeMessageId)),
    unread: conversation.unread + 1,
    emergencies,
    lastPosition: last !== undefined && last > position ? last : position
  })
  unit.put(context.tables.message(contact.id, position), messageRecord.encode(record))
  const message = toMessage(context, unit.state, record)
  unit.after(() => {
    context.tail.push(message)
    if (context.events.hears('message:receive')) context.events.emit('message:receive', message)
    emitConversation(context, contact.id)
  })
}

async function admitProfile(
  context: Context,
  unit: Unit,
  body: Body,
  profile: NonNullable<Body['profile']>
): Promise<void> {
  const { state } = unit
  if (state === undefined) return
  const newest = state.contact.profile
  const isOld =
    newest !== undefined && compareBytes(newest.stream, body.stream) === 0 && body.number < newest.number
  if (isOld) return
  unit.state = withContact(state, {
    profileName: profile.name,
    addresses: [...profile.addresses],
    profile: { stream: body.stream.slice(), number: body.number }
  })
  const bundle = decodeBundle(profile.bundle)
  if (bundle.kind === 'decoded') await adoptBundle(context, unit, bundle.bundle)
  unit.after(() => {
    keepLinks(context)
    emitContact(context, state.contact.id)
  })
}
