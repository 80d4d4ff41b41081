import { concat } from 'uint8arrays/concat'
import { Reader } from '../../codec/reader.js'
import { storedChecksum } from './checksum.js'

// LevelDB's manifest: a log (doc/log_format.md of LevelDB 1.20) of what changed about its tables (db/version_edit.cc).

const BLOCK_BYTES = 32_768
/** Checksum, length and kind of a part of a record. */
const HEADER_BYTES = 7
/** Kinds: a whole record, its first part, one in the middle, its last. */
const FULL = 1
const FIRST = 2
const LAST = 4

const COMPARATOR = 1
const COMPACT_POINTER = 5
const DELETED_FILE = 6
const NEW_FILE = 7
/** Fields that are a number: of the log, the next file, the last write, and the log before. */
const NUMBERS: readonly number[] = [2, 3, 4, 9]

/** The tables that a database consists of: the bytes of each by its number. */
export type Tables = ReadonlyMap<number, number>

/** The tables that this manifest names; `undefined` if it is damaged, of which LevelDB tells. */
export function readManifest(manifest: Uint8Array): Tables | undefined {
  const tables = new Map<number, number>()
  for (const record of records(manifest)) {
    if (record === undefined || !apply(record, tables)) return undefined
  }
  return tables
}

/** Whole records; at the end `undefined` for one that is damaged. One that is cut off was never written to its end. */
function* records(log: Uint8Array): Generator<Uint8Array | undefined> {
  let parts: Uint8Array[] = []
  for (const part of partsOf(log)) {
    if (part === undefined) {
      yield undefined
      return
    }
    const { kind, bytes } = part
    if (kind === FULL || kind === FIRST) parts = []
    parts.push(bytes)
    if (kind === FULL || kind === LAST) yield concat(parts)
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
    const end = at + HEADER_BYTES + view.getUint16(4, true)
    if (end > log.length) return
    const kind = view.getUint8(6)
    const covered = log.subarray(at + HEADER_BYTES - 1, end)
    if (kind < FULL || kind > LAST || storedChecksum(covered) !== view.getUint32(0, true)) {
      yield undefined
      return
    }
    yield { kind, bytes: covered.subarray(1) }
    at = end
  }
}

/** What a record changes; `false` if it is none. */
function apply(record: Uint8Array, tables: Map<number, number>): boolean {
  const reader = new Reader(record)
  while (reader.remaining > 0 && !reader.failed) {
    const field = reader.varint()
    if (field === COMPARATOR) skipBytes(reader)
    else if (NUMBERS.includes(field)) skipNumber(reader)
    else if (!applyFile(field, reader, tables)) return false
  }
  return !reader.failed
}

function applyFile(field: number, reader: Reader, tables: Map<number, number>): boolean {
  /** Its level. */
  reader.varint()
  if (field === DELETED_FILE) tables.delete(reader.varint())
  else if (field === NEW_FILE) {
    tables.set(reader.varint(), reader.varint())
    skipBytes(reader)
    skipBytes(reader)
  } else if (field === COMPACT_POINTER) skipBytes(reader)
  else return false
  return true
}

function skipBytes(reader: Reader): void {
  reader.bytes(reader.varint())
}

/** Of up to 64 bits, which is more than {@link Reader.varint} takes. */
function skipNumber(reader: Reader): void {
  while (reader.u8() >= 0x80);
}
