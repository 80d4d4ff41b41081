import type { IdentityId } from '../../codec/ids.js'
import { addNumber } from '../../protocol/delivery/ranges.js'
import { isDayOver } from '../../protocol/envelope/envelope.js'
import { bodyShare, encodeBody, type Body } from '../../protocol/message/payload.js'
import { MAX_BODIES, MAX_CONTENT_BYTES, MAX_STRANGER_MESSAGES } from '../../protocol/limits.js'
import { PRESSING_FIRST, priorityOf, rankOf, type Priority } from '../../protocol/message/priority.js'
import type { ConversationRecord } from '../../storage/records/conversation-record.js'
import { outboxRecord, type OutboxItem, type OutboxRecord } from '../../storage/records/outbox-record.js'
import type { Context } from '../context.js'
import type { Outgoing, Unit } from '../unit.js'
import { toEntry } from './outbox.js'
import { withConversation } from '../peer-state.js'
import { ensureSession, sealPayload, sendingSession } from './seal.js'

/** Messages sealed in one step: a backlog must not keep the contact's other steps waiting. */
const MAX_SEALED_PER_STEP = 128

/** Put a numbered body into the outbox, with what else it changes in the conversation. */
export function enqueueBody(
  unit: Unit,
  body: Body,
  position: string,
  expiryDay: number,
  changes: Partial<ConversationRecord> = {}
): void {
  if (unit.state === undefined) return
  unit.state = withConversation(unit.state, { ...changes, nextNumber: body.number + 1 })
  const priority = priorityOf(body.priority)
  unit.send({ number: body.number, position, expiryDay, priority, body: encodeBody(body) })
}

/**
 * Seal and store what the steps of one commit send: as many together as an envelope holds, if that is possible now. Nothing overtakes what
 * waits already, unless it is more pressing.
 */
export async function sealOutgoing(
  context: Context,
  unit: Unit,
  outgoing: readonly Outgoing[]
): Promise<void> {
  const { state } = unit
  if (state === undefined) return
  const contactId = state.contact.id
  const session = sendingSession(context, state, context.clock.now())
  // Whoever has not answered yet may take us for a stranger, and take so much of a stranger only.
  const isAnswered = session !== undefined && session.opening === undefined
  let waitingRank = context.outbox.waitingRank(contactId)
  const entries = intoEntries(outgoing, isAnswered ? MAX_BODIES : MAX_STRANGER_MESSAGES)
  for (const entry of entries.sort((one, other) => rankOf(other.priority) - rankOf(one.priority))) {
    const isFree = rankOf(entry.priority) > waitingRank && canSeal(context, unit, entry)
    const envelope = isFree ? await sealEntry(context, unit, entry) : undefined
    if (envelope === undefined) waitingRank = Math.max(waitingRank, rankOf(entry.priority))
    storeEntry(context, unit, entry, envelope)
  }
  if (waitingRank >= 0) unit.after(() => context.sealSoon(contactId))
}

/** Consecutive messages that expire together, matter alike and fit one envelope. */
function intoEntries(outgoing: readonly Outgoing[], most: number): OutboxRecord[] {
  const entries: (OutboxRecord & { readonly items: OutboxItem[] })[] = []
  let size = 0
  for (const { number, position, expiryDay, priority, body } of outgoing) {
    const share = bodyShare(body)
    const last = entries.at(-1)
    const isAlike = last?.expiryDay === expiryDay && last.priority === priority
    const follows = isAlike && number === last.number + last.items.length
    if (last !== undefined && follows && size + share <= MAX_CONTENT_BYTES && last.items.length < most) {
      size += share
      last.items.push({ position, body })
    } else {
      size = share
      entries.push({ number, expiryDay, priority, items: [{ position, body }] })
    }
  }
  return entries
}

async function sealEntry(context: Context, unit: Unit, entry: OutboxRecord): Promise<Uint8Array | undefined> {
  const bodies = entry.items.map(({ body }) => body)
  return await sealPayload(context, unit, bodies, entry.expiryDay)
}

function storeEntry(
  context: Context,
  unit: Unit,
  entry: OutboxRecord,
  envelope: Uint8Array | undefined
): void {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return
  unit.sealed += envelope === undefined ? 0 : entry.items.length
  const record = envelope === undefined ? entry : { ...entry, envelope }
  unit.put(context.tables.outbox(contactId, entry.number), outboxRecord.encode(record))
  unit.after(() => {
    context.outbox.add(toEntry(contactId, record), envelope)
    context.flush()
  })
}

/** Whether the next messages may be sealed now: a session that text may go on, and not too much unacknowledged. */
function canSeal(context: Context, unit: Unit, entry: OutboxRecord): boolean {
  const { state } = unit
  if (state === undefined || state.contact.change !== undefined || state.contact.blocked) return false
  const room = context.outbox.roomToSeal(state.contact.id, entry.priority) - unit.sealed
  if (room < entry.items.length) return false
  const session = ensureSession(context, unit)
  if (session?.stale === true) {
    const { id } = state.contact
    unit.after(() => {
      context.greet(id)
    })
  }
  return session !== undefined && !session.stale
}

/**
 * Seal what waits for a contact, the most pressing first and of those alike the oldest; says whether more waits that could be sealed at
 * once.
 */
export async function sealWaiting(context: Context, unit: Unit): Promise<boolean> {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return false
  const step = { room: MAX_SEALED_PER_STEP }
  for (const priority of PRESSING_FIRST) {
    const outcome = await sealWaitingOf(context, unit, contactId, priority, step)
    if (outcome !== 'all') return outcome === 'more'
  }
  return false
}

/** The same of one priority. `stuck`: no more can be sealed now. */
async function sealWaitingOf(
  context: Context,
  unit: Unit,
  contactId: IdentityId,
  priority: Priority,
  step: { room: number }
): Promise<'all' | 'more' | 'stuck'> {
  // In the order of their numbers, which is that of insertion.
  for (const entry of context.outbox.of(contactId).values()) {
    if (entry.sealed || entry.priority !== priority) continue
    const bytes = await unit.get(context.tables.outbox(contactId, entry.number))
    if (bytes === undefined || isDayOver(entry.expiryDay, context.clock.now())) continue
    const { envelope: sealedBefore, ...record } = outboxRecord.decode(bytes)
    if (sealedBefore !== undefined) continue
    if (!canSeal(context, unit, record)) return 'stuck'
    if (step.room <= 0) return 'more'
    step.room -= record.items.length
    const envelope = await sealEntry(context, unit, record)
    if (envelope === undefined) return 'stuck'
    storeEntry(context, unit, record, envelope)
  }
  return 'all'
}

/** Our numbers that were handed to somebody. */
export function markSent(unit: Unit, numbers: readonly number[]): void {
  const { state } = unit
  if (state === undefined) return
  const sent = numbers.reduce(addNumber, state.conversation.sent)
  if (sent !== state.conversation.sent) unit.state = withConversation(state, { sent })
}
