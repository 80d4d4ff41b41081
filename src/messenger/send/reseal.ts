import type { IdentityId } from '../../codec/ids.js'
import { outboxRecord } from '../../storage/records/outbox-record.js'
import { envelopeId, shortIdKey } from '../../protocol/sync/item.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { toEntry } from './outbox.js'

/**
 * What was sealed for old sessions cannot be opened: the contact lost its state, or never knew of what came before. Unacknowledged messages
 * wait for sealing again, under the same ids; those that this very commit seals among them. Only what is in these envelopes, if some are named.
 */
export async function resealUnacknowledged(
  context: Context,
  unit: Unit,
  only?: ReadonlySet<string>
): Promise<void> {
  const contactId = unit.state?.contact.id
  if (contactId === undefined) return
  const known = [...context.outbox.of(contactId).keys()].map((number) =>
    context.tables.outbox(contactId, number)
  )
  for (const key of new Set([...known, ...unit.puts(context.tables.outboxOf(contactId)).keys()])) {
    const bytes = await unit.get(key)
    if (bytes === undefined) continue
    const { envelope, ...record } = outboxRecord.decode(bytes)
    if (envelope === undefined || only?.has(nameOf(envelope)) === false) continue
    unit.put(key, outboxRecord.encode(record))
    unit.after(() => {
      context.outbox.add(toEntry(contactId, record))
    })
  }
  unit.after(() => {
    context.sealSoon(contactId)
  })
}

/** The same of what is sealed by now, as a step of its own, for who is in the midst of another that seals more: that is for the session that was begun. */
export function resealSoon(context: Context, unit: Unit, contactId: IdentityId): void {
  const sealed = new Set<string>()
  for (const { item } of context.outbox.of(contactId).values())
    if (item !== undefined) sealed.add(shortIdKey(item.id))
  for (const bytes of unit.puts(context.tables.outboxOf(contactId)).values()) {
    const { envelope } = outboxRecord.decode(bytes)
    if (envelope !== undefined) sealed.add(nameOf(envelope))
  }
  unit.after(() => {
    context.queue
      .run(contactId, (next) => resealUnacknowledged(context, next, sealed))
      .catch((error: unknown) => {
        context.onFailure('seal', error)
      })
  })
}

function nameOf(envelope: Uint8Array): string {
  return shortIdKey(envelopeId(envelope))
}
