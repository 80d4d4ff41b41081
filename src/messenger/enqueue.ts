import { addNumber } from '../protocol/delivery/ranges.js'
import { isDayOver } from '../protocol/envelope/envelope.js'
import { encodeBody, type Body } from '../protocol/message/payload.js'
import { outboxRecord, type OutboxRecord } from '../storage/records/outbox-record.js'
import type { Context } from './context.js'
import type { Unit } from './contact-queue.js'
import { withConversation } from './peer-state.js'
import { ensureSession, sealPayload } from './seal.js'

/** Messages sealed in one step: a backlog must not keep the contact's other steps waiting. */
const MAX_SEALED_PER_STEP = 128

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
  const encoded = encodeBody(body)
  const envelope = canSeal(context, unit) ? await sealPayload(context, unit, encoded, expiry) : undefined
  const entry = { number: body.number, position, expiryDay: expiry, body: encoded }
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
    if (!canSeal(context, unit)) return false
    if (sealed++ >= MAX_SEALED_PER_STEP) return true
    const bytes = await unit.get(context.tables.outbox(contactId, entry.number))
    if (bytes === undefined || isDayOver(entry.expiryDay, context.clock.now())) continue
    const { envelope: sealedBefore, ...record } = outboxRecord.decode(bytes)
    if (sealedBefore !== undefined) continue
    const envelope = await sealPayload(context, unit, record.body, record.expiryDay)
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
