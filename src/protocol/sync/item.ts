import { sixteenBytesKey } from '../../codec/sixteen-bytes.js'
import { sha256 } from '../../crypto/hash.js'
import { compareBytes } from '../compare-bytes.js'

/** Bytes of an envelope's id. */
export const ENVELOPE_ID_BYTES = 32
/** Bytes of an id in a list: enough that nobody finds two envelopes of one short id (2^64 tries). */
export const SHORT_ID_BYTES = 16
/** The day of no envelope: behind every item in the order of reconciliation. */
export const LAST_DAY = 0xffff

/** What reconciliation knows of an envelope: when it expires, and SHA-256 of all its bytes. */
export interface Item {
  /** Days since the Unix epoch, u16. */
  readonly day: number
  readonly id: Uint8Array
}

/** The id of an envelope: SHA-256 of its bytes. */
export function envelopeId(envelope: Uint8Array): Uint8Array {
  return sha256(envelope)
}

/** An id, or its short form, as a map key. */
export function shortIdKey(id: Uint8Array): string {
  return sixteenBytesKey(id)
}

/** Order of reconciliation: what expires last first, as that is what a short contact should move; then by id. */
export function compareItems(one: Item, other: Item): number {
  return other.day - one.day || compareBytes(one.id, other.id)
}

/** A place between items: before all items whose day is earlier than `day`, and of that day before ids not below `prefix`. */
export interface Bound {
  /** The day's place in the order: 65,535 − day; 65,536 is the end of all. */
  readonly order: number
  /** The beginning of an id; what it lacks counts as zeros. */
  readonly prefix: Uint8Array
}

const NOTHING = new Uint8Array(0)

/** Before all items. */
export const FIRST: Bound = { order: 0, prefix: NOTHING }
/** Behind all items. */
export const END: Bound = { order: LAST_DAY + 1, prefix: NOTHING }

/** The place of a day in the order. */
export function orderOf(day: number): number {
  return LAST_DAY - day
}

export function compareBounds(one: Bound, other: Bound): number {
  return one.order - other.order || compareBytes(one.prefix, other.prefix)
}

/** The shortest bound that lies behind `before` and not behind `after`, which follow each other. */
export function boundBetween(before: Item, after: Item): Bound {
  const order = orderOf(after.day)
  if (before.day !== after.day) return { order, prefix: NOTHING }
  let shared = 0
  while (shared < ENVELOPE_ID_BYTES && before.id[shared] === after.id[shared]) shared++
  return { order, prefix: after.id.slice(0, shared + 1) }
}
