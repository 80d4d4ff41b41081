import { addNumber } from '../protocol/delivery/ranges.js'
import { isDayOver } from '../protocol/envelope/envelope.js'
import { bodyShare, encodeBody, type Body } from '../protocol/message/payload.js'
import { MAX_BODIES, MAX_CONTENT_BYTES, MAX_STRANGER_MESSAGES } from '../protocol/limits.js'
import { outboxRecord, type OutboxItem, type OutboxRecord } from '../storage/records/outbox-record.js'
import type { Context } from './context.js'
import type { Outgoing, Unit } from './contact-queue.js'
import { toEntry } from './outbox.js'
import { withConversation } from './peer-state.js'
import { ensureSession, sealPayload, sendingSession } from './seal.js'

/** Messages sealed in one step: a backlog must not keep the contact's other steps waiting. */
const MAX_SEALED_PER_STEP = 128

/** Put a numbered body into the outbox. */
export function enqueueBody(unit: Unit, body: Body, position: string, expiryDay: number): void {
  if (unit.state === undefined) return
  unit.state = withConversation(unit.state, { nextNumber: body.number + 1 })
  unit.send({ number: body.number, position, expiryDay, body: encodeBody(body) })
}

/**
 * Seal and store what the steps of one commit send: as many together as an envelope holds, if that is possible now. Nothing overtakes what
 * waits already.
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
  let isFree = !context.outbox.hasUnsealed(contactId)
  for (const entry of intoEntries(outgoing, isAnswered ? MAX_BODIES : MAX_STRANGER_MESSAGES)) {
    isFree &&= canSeal(context, unit, entry.items.length)
    const envelope = isFree ? await sealEntry(context, unit, entry) : undefined
    storeEntry(context, unit, entry, envelope)
  }
  if (!isFree) unit.after(() => context.sealSoon(contactId))
}

/** Consecutive messages that expire together and fit one envelope. */
function intoEntries(outgoing: readonly Outgoing[], most: number): OutboxRecord[] {
  const entries: (OutboxRecord & { readonly items: OutboxItem[] })[] = []
  let size = 0
  for (const { number, position, expiryDay, body } of outgoing) {
    const share = bodyShare(body)
    const last = entries.at(-1)
    const follows = last?.expiryDay === expiryDay && number === last.number + last.items.length
    if (last !== undefined && follows && size + share <= MAX_CONTENT_BYTES && last.items.length < most) {
      size += share
      last.items.push({ position, body })
    } else {
      size = share
      entries.push({ number, expiryDay, items: [{ position, body }] })
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
function canSeal(context: Context, unit: Unit, messages: number): boolean {
  const { state } = unit
  if (state === undefined || state.contact.change !== undefined || state.contact.blocked) return false
  if (context.outbox.roomToSeal(state.contact.id) - unit.sealed < messages) return false
  const session = ensureSession(context, unit)
  if (session?.stale === true) {
    const { id } = state.contact
    unit.after(() => {
      context.greet(id)
    })
  }
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
    if (!canSeal(context, unit, entry.positions.length)) return false
    if (sealed >= MAX_SEALED_PER_STEP) return true
    sealed += entry.positions.length
    const bytes = await unit.get(context.tables.outbox(contactId, entry.number))
    if (bytes === undefined || isDayOver(entry.expiryDay, context.clock.now())) continue
    const { envelope: sealedBefore, ...record } = outboxRecord.decode(bytes)
    if (sealedBefore !== undefined) continue
    const envelope = await sealEntry(context, unit, record)
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
