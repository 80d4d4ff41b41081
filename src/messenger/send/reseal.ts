import type { IdentityId } from '../../codec/ids.js'
import { outboxRecord } from '../../storage/records/outbox-record.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { toEntry } from './outbox.js'

/**
 * What was sealed for old sessions cannot be opened: the contact lost its state, or never knew of what came before. Unacknowledged messages
 * wait for sealing again, under the same ids; those that this very commit seals among them.
 */
export async function resealUnacknowledged(context: Context, unit: Unit): Promise<void> {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return
  const known = [...context.outbox.of(contactId).keys()].map((number) =>
    context.tables.outbox(contactId, number)
  )
  for (const key of new Set([...known, ...unit.putKeys(context.tables.outboxOf(contactId))])) {
    const bytes = await unit.get(key)
    if (bytes === undefined) continue
    const { envelope, ...record } = outboxRecord.decode(bytes)
    if (envelope === undefined) continue
    unit.put(key, outboxRecord.encode(record))
    unit.after(() => {
      context.outbox.add(toEntry(contactId, record))
    })
  }
  unit.after(() => {
    context.sealSoon(contactId)
  })
}

/** The same as a step of its own, for who is in the midst of another. */
export function resealSoon(context: Context, contactId: IdentityId): void {
  context.queue
    .run(contactId, (unit) => resealUnacknowledged(context, unit))
    .catch((error: unknown) => {
      context.onFailure('seal', error)
    })
}
