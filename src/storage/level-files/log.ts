import { concat } from 'uint8arrays/concat'
import { beginsWithSummed, storedChecksum } from './checksum.js'

// LevelDB's logs, of commits and of what changed about its tables: doc/log_format.md of LevelDB 1.20, read as db/log_reader.cc reads them.

const BLOCK_BYTES = 32_768
/** Checksum, length and kind of a part of a record. */
const HEADER_BYTES = 7
/** Kinds: a whole record, its first part, one in the middle, its last; none where nothing was written. */
const NONE = 0
const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

/** Whole records; at the end `undefined` in the place of one that is damaged. One that is cut off was never written to its end. */
export function* readLog(log: Uint8Array): Generator<Uint8Array | undefined> {
  let parts: Uint8Array[] = []
  let isBegun = false
  for (const part of partsOf(log)) {
    if (part === undefined || (part.kind === MIDDLE || part.kind === LAST) !== isBegun) {
      yield undefined
      return
    }
    if (part.kind === NONE) continue
    parts.push(part.bytes)
    isBegun = part.kind === FIRST || part.kind === MIDDLE
    if (isBegun) continue
    yield concat(parts)
    parts = []
  }
}

interface Part {
  readonly kind: number
  readonly bytes: Uint8Array
}

function* partsOf(log: Uint8Array): Generator<Part | undefined> {
  let at = 0
  while (at + HEADER_BYTES <= log.length) {
    const left = BLOCK_BYTES - (at % BLOCK_BYTES)
    if (left < HEADER_BYTES) {
      at += left
      continue
    }
    const view = new DataView(log.buffer, log.byteOffset + at, HEADER_BYTES)
    const length = view.getUint16(4, true)
    const kind = view.getUint8(6)
    const covered = log.subarray(at + HEADER_BYTES - 1, at + HEADER_BYTES + length)
    // LevelDB takes it for room that was set aside, and says nothing of what is lost where more follows.
    if (kind === NONE && isZero(log.subarray(at))) {
      yield { kind, bytes: covered }
      return
    }
    const checksum = view.getUint32(0, true)
    // None is longer than its block has room for: in the last block LevelDB takes such a one for cut off, and says nothing.
    const isPlausible = kind >= FULL && kind <= LAST && HEADER_BYTES + length <= left
    const isThere = covered.length > length
    // It may all be there, and only its length be another.
    if (isPlausible && !isThere && !beginsWithSummed(covered, checksum)) return
    if (!isPlausible || !isThere || storedChecksum(covered) !== checksum) {
      yield undefined
      return
    }
    yield { kind, bytes: covered.subarray(1) }
    at += HEADER_BYTES + length
  }
}

function isZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0)
}
