import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { MAX_SYNC_FRAME, MAX_SYNC_RANGES } from '../limits.js'
import { FINGERPRINT_BYTES } from './item-sum.js'
import { compareBounds, END, ENVELOPE_ID_BYTES, FIRST, SHORT_ID_BYTES, type Bound } from './item.js'

const SKIP = 0
const FINGERPRINT = 1
const LIST = 2
const ANSWER = 3

/** Bytes of a bound at most: three of the day's distance, the prefix and its length. */
const MAX_BOUND_BYTES = 3 + 1 + ENVELOPE_ID_BYTES
/** Bytes of a range without payload: its bound and its kind. */
export const MAX_RANGE_HEAD_BYTES = MAX_BOUND_BYTES + 1

/** What a message says of the items from the range before up to `upper`. */
export type SyncRange = { readonly upper: Bound } & (
  | { readonly kind: 'skip' }
  | { readonly kind: 'fingerprint'; readonly fingerprint: Uint8Array }
  /** All that the sender has there, short ids in order. Each list continues the numbers of those sent before. */
  | { readonly kind: 'list'; readonly ids: readonly Uint8Array[] }
  /**
   * To a list: which of its numbers the sender lacks, ascending, and what else it has there. The latter are numbered like those of a list.
   */
  | { readonly kind: 'answer'; readonly missing: readonly number[]; readonly ids: readonly Uint8Array[] }
)

/** Bytes of a message with a list and its answer, so that it seldom has to grow. */
const FIRST_CAPACITY = 1_024

/** Writes ranges while they fit: a message is built from its beginning, and what does not fit is left for the next. */
export class RangeWriter {
  readonly #writer = new Writer(FIRST_CAPACITY)
  readonly #maxBytes: number
  #order = FIRST.order
  #ranges = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Bytes left for payloads, if `ranges` more are written after which the rest of the set gets one fingerprint, perhaps behind a skip. */
  room(ranges: number): number {
    if (this.#ranges + ranges + 2 > MAX_SYNC_RANGES) return 0
    const heads = (ranges + 2) * MAX_RANGE_HEAD_BYTES
    return Math.max(0, this.#maxBytes - this.#writer.length - heads - FINGERPRINT_BYTES)
  }

  get isEmpty(): boolean {
    return this.#ranges === 0
  }

  put(range: SyncRange): void {
    this.#ranges++
    this.#bound(range.upper)
    switch (range.kind) {
      case 'skip':
        this.#writer.u8(SKIP)
        return
      case 'fingerprint':
        this.#writer.u8(FINGERPRINT).bytes(range.fingerprint)
        return
      case 'list':
        this.#writer.u8(LIST)
        this.#ids(range.ids)
        return
      case 'answer':
        this.#writer.u8(ANSWER)
        writeNumbers(this.#writer, range.missing)
        this.#ids(range.ids)
    }
  }

  finish(): Uint8Array {
    return this.#writer.finish()
  }

  #bound({ order, prefix }: Bound): void {
    this.#writer
      .varint(order - this.#order)
      .u8(prefix.length)
      .bytes(prefix)
    this.#order = order
  }

  #ids(ids: readonly Uint8Array[]): void {
    this.#writer.u16(ids.length)
    for (const id of ids) this.#writer.bytes(id.subarray(0, SHORT_ID_BYTES))
  }
}

/** Bytes at most that a list of ascending numbers takes. */
export function numbersBytes(count: number): number {
  return 2 + 4 * count
}

/** `count u16`, then each ascending number as its distance from the one before. */
export function writeNumbers(writer: Writer, numbers: readonly number[]): void {
  writer.u16(numbers.length)
  let before = 0
  for (const number of numbers) {
    writer.varint(number - before)
    before = number
  }
}

/** The numbers written by {@link writeNumbers}; the reader has failed if they do not ascend. */
export function readNumbers(reader: Reader): number[] | undefined {
  const count = reader.u16()
  const numbers: number[] = []
  for (let before = 0; numbers.length < count && !reader.failed;) {
    const distance = reader.varint()
    if (distance === 0 && numbers.length > 0) return undefined
    before += distance
    numbers.push(before)
  }
  return reader.failed ? undefined : numbers
}

/** The ranges of a message, or `undefined` if it is malformed or breaks a bound. */
export function decodeRanges(bytes: Uint8Array): SyncRange[] | undefined {
  if (bytes.length > MAX_SYNC_FRAME) return undefined
  const reader = new Reader(bytes)
  const ranges: SyncRange[] = []
  let before = FIRST
  while (!reader.failed && reader.remaining > 0) {
    const upper = readBound(reader, before)
    const range = upper === undefined ? undefined : readRange(reader, upper)
    if (range === undefined || ranges.length === MAX_SYNC_RANGES) return undefined
    ranges.push(range)
    before = range.upper
  }
  return reader.failed ? undefined : ranges
}

function readBound(reader: Reader, before: Bound): Bound | undefined {
  const order = before.order + reader.varint()
  const length = reader.u8()
  if (length > ENVELOPE_ID_BYTES || order > END.order) return undefined
  const upper = { order, prefix: reader.bytes(length) }
  return compareBounds(before, upper) < 0 && compareBounds(upper, END) <= 0 ? upper : undefined
}

function readRange(reader: Reader, upper: Bound): SyncRange | undefined {
  switch (reader.u8()) {
    case SKIP:
      return { upper, kind: 'skip' }
    case FINGERPRINT:
      return { upper, kind: 'fingerprint', fingerprint: reader.bytes(FINGERPRINT_BYTES) }
    case LIST:
      return { upper, kind: 'list', ids: readIds(reader) }
    case ANSWER: {
      const missing = readNumbers(reader)
      return missing === undefined ? undefined : { upper, kind: 'answer', missing, ids: readIds(reader) }
    }
    default:
      return undefined
  }
}

function readIds(reader: Reader): Uint8Array[] {
  const count = reader.u16()
  const ids: Uint8Array[] = []
  while (ids.length < count && !reader.failed) ids.push(reader.bytes(SHORT_ID_BYTES))
  return ids
}
