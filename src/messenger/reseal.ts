import { outboxRecord } from '../storage/records/outbox-record.js'
import type { Context } from './context.js'
import type { Unit } from './contact-queue.js'

/**
 * What was sealed for old sessions cannot be opened: the contact lost its state, or never knew of what came before. Unacknowledged messages wait for sealing again, under the
 * same ids.
 */
export async function resealUnacknowledged(context: Context, unit: Unit): Promise<void> {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return
  for (const entry of context.outbox.of(contactId).values()) {
    if (!entry.sealed) continue
    const key = context.tables.outbox(contactId, entry.number)
    const bytes = await unit.get(key)
    if (bytes === undefined) continue
    const { envelope: _lost, ...record } = outboxRecord.decode(bytes)
    unit.put(key, outboxRecord.encode(record))
    unit.after(() => {
      const { number, position, expiryDay } = entry
      context.outbox.add({ contactId, number, position, expiryDay, sealed: false })
    })
  }
  unit.after(() => {
    context.sealSoon(contactId)
  })
}
