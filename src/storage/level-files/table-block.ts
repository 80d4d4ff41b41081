import { Reader } from '../../codec/reader.js'
import { compareBytes } from '../../protocol/compare-bytes.js'

// Blocks of LevelDB's tables: doc/table_format.md of LevelDB 1.20.

/** Behind a user key: its sequence number, seven bytes, and whether it was put or deleted; the lowest byte first. */
const TAG_BYTES = 8
/** Kinds of a tag: deleted and put. */
const LAST_KIND = 1
const U32_BYTES = 4

/** A key with its tag, and what is under it. */
export interface BlockEntry {
  readonly key: Uint8Array
  readonly value: Uint8Array
}

/** The entries of an uncompressed block, or `undefined` if these bytes are none, or their keys are not in order. */
export function readBlock(contents: Uint8Array): readonly BlockEntry[] | undefined {
  const end = endOfEntries(contents)
  if (end === undefined) return undefined
  const reader = new Reader(contents.subarray(0, end))
  const entries: BlockEntry[] = []
  /** Where entries begin that share nothing with the one before. */
  const whole = new Set<number>()
  let last: Uint8Array | undefined
  while (reader.remaining > 0) {
    const begin = end - reader.remaining
    const shared = reader.varint()
    const unshared = reader.varint()
    const length = reader.varint()
    const key = joined(last, shared, reader.bytes(unshared))
    const value = reader.bytes(length)
    if (reader.failed || key === undefined || !isKey(key)) return undefined
    if (last !== undefined && compareKeys(last, key) >= 0) return undefined
    if (shared === 0) whole.add(begin)
    entries.push({ key, value })
    last = key
  }
  return areRestarts(contents, end, whole) ? entries : undefined
}

/** As LevelDB sorts: by user key, of one key the newest first. */
export function compareKeys(one: Uint8Array, other: Uint8Array): number {
  const order = compareBytes(one.subarray(0, -TAG_BYTES), other.subarray(0, -TAG_BYTES))
  return order === 0 ? compareBytes(tagOf(other), tagOf(one)) : order
}

/** The number of the write that put or deleted this key. */
export function writeOf(key: Uint8Array): number {
  return tagOf(key)
    .subarray(0, -1)
    .reduce((number, byte) => number * 0x100 + byte, 0)
}

/** Highest byte first, so that it compares as a number. */
function tagOf(key: Uint8Array): Uint8Array {
  return key.subarray(-TAG_BYTES).toReversed()
}

function isKey(key: Uint8Array): boolean {
  const kind = key.at(-TAG_BYTES)
  return kind !== undefined && kind <= LAST_KIND
}

function joined(last: Uint8Array | undefined, shared: number, rest: Uint8Array): Uint8Array | undefined {
  if (shared === 0) return rest
  if (last === undefined || shared > last.length) return undefined
  const key = new Uint8Array(shared + rest.length)
  key.set(last.subarray(0, shared))
  key.set(rest, shared)
  return key
}

/** The entries are followed by where some of them begin, four bytes each, and by how many those are. */
function endOfEntries(contents: Uint8Array): number | undefined {
  if (contents.length < U32_BYTES) return undefined
  const end = contents.length - U32_BYTES * (1 + u32(contents, contents.length - U32_BYTES))
  return end < 0 ? undefined : end
}

/** LevelDB looks for a key from these on. */
function areRestarts(contents: Uint8Array, end: number, whole: ReadonlySet<number>): boolean {
  let before = -1
  for (let at = end; at < contents.length - U32_BYTES; at += U32_BYTES) {
    const begin = u32(contents, at)
    if (begin <= before || !whole.has(begin) || (at === end && begin !== 0)) return false
    before = begin
  }
  return before >= 0 || end === 0
}

function u32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(at, true)
}
