import type { IdentityId } from '../../codec/ids.js'
import { dayOf, isMisdated } from '../../protocol/envelope/envelope.js'
import { EARLIEST_DAY, MAX_LIFETIME_DAYS } from '../../protocol/limits.js'
import { outboxRecord, type OutboxRecord } from '../../storage/records/outbox-record.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { toEntry } from './outbox.js'
import { resealUnacknowledged } from './reseal.js'
import { renewAfterGap } from './seal.js'

/**
 * Messages written while the clock stood in another century: no node would keep their envelopes, or they would count as expired at once. They are
 * sealed again under their numbers, to live from now for as long as they were to. To be called with a clock that runs steadily; one that is itself
 * behind all sense changes nothing.
 */
export async function redateMisdated(context: Context): Promise<void> {
  const now = context.clock.now()
  if (dayOf(now) < EARLIEST_DAY) return
  const contacts = new Set<IdentityId>()
  for (const { contactId, expiryDay } of context.outbox.all())
    if (isMisdated(expiryDay, now)) contacts.add(contactId)
  for (const id of contacts) await context.queue.run(id, (unit) => redateOf(context, unit, id, now))
}

async function redateOf(context: Context, unit: Unit, contactId: IdentityId, now: number): Promise<void> {
  let wereSealed = false
  for (const entry of context.outbox.of(contactId).values()) {
    if (!isMisdated(entry.expiryDay, now)) continue
    const key = context.tables.outbox(contactId, entry.number)
    const bytes = await unit.get(key)
    if (bytes === undefined) continue
    const { envelope, ...record } = outboxRecord.decode(bytes)
    const redated = { ...record, expiryDay: dayOf(now) + lifetimeDays(entry.sentAt, record) }
    wereSealed ||= envelope !== undefined
    unit.put(key, outboxRecord.encode(redated))
    unit.after(() => {
      context.outbox.add(toEntry(contactId, redated))
      if (entry.item !== undefined) context.mailbox.dropOwn(entry.item, true)
    })
  }
  if (wereSealed && renewAfterGap(context, unit)) await resealUnacknowledged(context, unit)
  unit.after(() => {
    context.sealSoon(contactId)
  })
}

/** How many days the message was to live. */
function lifetimeDays(sentAt: number, { expiryDay }: OutboxRecord): number {
  return Math.min(Math.max(0, expiryDay - dayOf(sentAt)), MAX_LIFETIME_DAYS)
}
