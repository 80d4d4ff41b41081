import { compareBytes } from '../../protocol/compare-bytes.js'
import { streamOf, type Receipt } from '../../protocol/message/payload.js'
import { continuityRecord, UNBROKEN, type ContinuityRecord } from '../../storage/records/continuity-record.js'
import { readRecord } from '../../storage/records/read-record.js'
import type { Tables } from '../../storage/records/tables.js'
import type { Store } from '../../storage/store.js'
import type { Context } from '../context.js'
import type { StorePlace } from './store-place.js'

/**
 * Read what tells this state from a copy of it. What is found copied has a renewal due, and that is durable; so has a store whose record is
 * lost, or older than such records.
 */
export async function loadContinuity(
  store: Store,
  tables: Tables,
  place: StorePlace,
  { isNew, restored }: { readonly isNew: boolean; readonly restored: boolean }
): Promise<ContinuityRecord> {
  const stored = await readRecord(store, tables.continuity, continuityRecord)
  const record = stored ?? UNBROKEN
  const change = isNew || stored === undefined ? undefined : await place.findChange(stored)
  if (stored !== undefined && change === undefined && !restored) return record
  const { mark: _elsewhere, pending: _unfinished, ...kept } = record
  const reason = restored ? 'restored' : (change ?? 'copied')
  const next: ContinuityRecord = isNew ? kept : { ...kept, due: kept.due ?? reason }
  await store.commit([{ type: 'put', key: tables.continuity, value: continuityRecord.encode(next) }])
  return next
}

/** Change the record, in memory at once and durable when this resolves. */
export async function updateContinuity(
  { own, store, tables }: Pick<Context, 'own' | 'store' | 'tables'>,
  change: Partial<ContinuityRecord>
): Promise<void> {
  const { pending, ...known } = own.continuity
  // A mark that was written is pending no more.
  own.continuity =
    change.mark === undefined && pending !== undefined
      ? { ...known, pending, ...change }
      : { ...known, ...change }
  await store.commit([
    { type: 'put', key: tables.continuity, value: continuityRecord.encode(own.continuity) }
  ])
}

/** Whether a receipt is for something of ours, of this incarnation or one before. */
export function isOwnStream({ own }: Pick<Context, 'own'>, stream: Uint8Array): boolean {
  return [own.record.identity.incarnation, ...own.continuity.former].some(
    (incarnation) => compareBytes(stream, streamOf({ incarnation })) === 0
  )
}

/**
 * Whether a receipt for our current stream names numbers that were never given out, next to those that were: somebody went on from where
 * this state is. Numbers elsewhere may be of a contact that was removed and added again.
 */
export function namesUnknown(
  { own }: Pick<Context, 'own'>,
  { stream, delivered, read }: Receipt,
  nextNumber: number
): boolean {
  if (compareBytes(stream, streamOf(own.record.identity)) !== 0) return false
  return [delivered, read].some((runs) =>
    runs.some((first, at) => at % 2 === 0 && first <= nextNumber && first + (runs[at + 1] ?? 0) > nextNumber)
  )
}
