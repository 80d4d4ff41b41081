import { concat } from 'uint8arrays/concat'
import { Reader } from '../../codec/reader.js'
import { compareBytes } from '../../protocol/compare-bytes.js'
import { storedChecksum } from './checksum.js'
import { compareKeys, readBlock, writeOf } from './table-block.js'

// LevelDB's tables: doc/table_format.md of LevelDB 1.20. Blocks lie one behind the other: those with data, a filter, what names the filter
// (metaindex), the index of those with data, and a footer of fixed size.

const FOOTER_BYTES = 48
const MAGIC = Uint8Array.of(0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb)
/** Behind each block: how it is compressed, and a checksum of both. */
const TRAILER_BYTES = 5
const UNCOMPRESSED = 0
/** A block that ends like this has no entries, whatever comes before. */
const NO_ENTRIES = Uint8Array.of(0, 0, 0, 0)

/** Bytes of a file to write in place of those that lie there. */
export interface Patch {
  readonly position: number
  readonly bytes: Uint8Array
}

/** Where a block begins, and how long it is without its trailer. */
interface Handle {
  readonly offset: number
  readonly size: number
}

/** A block with data, and the keys that it may hold: those behind `after`, up to `last`. */
interface DataBlock extends Handle {
  readonly after: Uint8Array | undefined
  readonly last: Uint8Array
}

/**
 * What has to be written over so that LevelDB can use the table `file`, of which it checks nothing: a block whose keys are readable is taken
 * as it is, though one of them may be another; any other is emptied, and a damaged filter is left out. Nothing if the table is whole. `undefined` if it is
 * damaged where it says what lies where. A table with a compressed index, as older versions wrote, counts as whole. There was no write after `lastWrite`.
 */
export function mendTable(file: Uint8Array, lastWrite: number): readonly Patch[] | undefined {
  const footer = readFooter(file)
  if (footer === undefined) return undefined
  const { metaindex, index } = footer
  if (!isWhole(file, index)) return undefined
  if (typeOf(file, index) !== UNCOMPRESSED) return []
  const blocks = readIndex(contentsOf(file, index), metaindex)
  if (blocks === undefined) return undefined
  const patches = blocks
    .filter((block) => !isWhole(file, block))
    .map((block) => mendBlock(file, block, lastWrite))
  const filter = { offset: endOf(blocks), size: metaindex.offset - endOf(blocks) - TRAILER_BYTES }
  const isUsable = isWhole(file, metaindex) && (isEmptied(file, metaindex) || isWhole(file, filter))
  return isUsable ? patches : [...patches, emptied(file, metaindex)]
}

function readFooter(file: Uint8Array): { metaindex: Handle; index: Handle } | undefined {
  const begin = file.length - FOOTER_BYTES
  if (begin < 0 || compareBytes(file.subarray(-MAGIC.length), MAGIC) !== 0) return undefined
  const reader = new Reader(file.subarray(begin, -MAGIC.length))
  const metaindex = readHandle(reader)
  const index = readHandle(reader)
  // The footer has no checksum: what it says is checked by where everything has to be.
  const isPlausible = !reader.failed && behind(metaindex) === index.offset && behind(index) === begin
  return isPlausible ? { metaindex, index } : undefined
}

function readHandle(reader: Reader): Handle {
  return { offset: reader.varint(), size: reader.varint() }
}

function readIndex(contents: Uint8Array, metaindex: Handle): readonly DataBlock[] | undefined {
  const blocks: DataBlock[] = []
  for (const { key, value } of readBlock(contents) ?? []) {
    const reader = new Reader(value)
    const handle = readHandle(reader)
    if (!reader.finished() || handle.offset !== endOf(blocks)) return undefined
    blocks.push({ ...handle, after: blocks.at(-1)?.last, last: key })
  }
  return blocks.length > 0 && endOf(blocks) + TRAILER_BYTES <= metaindex.offset ? blocks : undefined
}

function endOf(blocks: readonly Handle[]): number {
  const last = blocks.at(-1)
  return last === undefined ? 0 : behind(last)
}

function behind({ offset, size }: Handle): number {
  return offset + size + TRAILER_BYTES
}

function contentsOf(file: Uint8Array, { offset, size }: Handle): Uint8Array {
  return file.subarray(offset, offset + size)
}

function typeOf(file: Uint8Array, { offset, size }: Handle): number | undefined {
  return file[offset + size]
}

function isWhole(file: Uint8Array, { offset, size }: Handle): boolean {
  const covered = file.subarray(offset, offset + size + 1)
  return compareBytes(file.subarray(offset + size + 1, offset + size + TRAILER_BYTES), sum(covered)) === 0
}

function mendBlock(file: Uint8Array, block: DataBlock, lastWrite: number): Patch {
  return isReadable(file, block, lastWrite) ? accepted(file, block) : emptied(file, block)
}

/** Whether the keys are in order, and none is one of another block, or would be found only when there have been as many writes. */
function isReadable(file: Uint8Array, block: DataBlock, lastWrite: number): boolean {
  if (typeOf(file, block) !== UNCOMPRESSED) return false
  const entries = readBlock(contentsOf(file, block)) ?? []
  const [first, last] = [entries[0]?.key, entries.at(-1)?.key]
  if (first === undefined || last === undefined) return false
  if (entries.some(({ key }) => writeOf(key) > lastWrite)) return false
  return (
    (block.after === undefined || compareKeys(block.after, first) < 0) && compareKeys(last, block.last) <= 0
  )
}

/** Values are sealed: one that is another is found when it is opened. */
function accepted(file: Uint8Array, { offset, size }: Handle): Patch {
  return { position: offset + size + 1, bytes: sum(file.subarray(offset, offset + size + 1)) }
}

function isEmptied(file: Uint8Array, block: Handle): boolean {
  return compareBytes(contentsOf(file, block).subarray(-NO_ENTRIES.length), NO_ENTRIES) === 0
}

function emptied(file: Uint8Array, { offset, size }: Handle): Patch {
  const kept = contentsOf(file, { offset, size: size - NO_ENTRIES.length })
  const end = Uint8Array.of(...NO_ENTRIES, UNCOMPRESSED)
  return { position: offset + kept.length, bytes: concat([end, sum(concat([kept, end]))]) }
}

function sum(covered: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, storedChecksum(covered), true)
  return bytes
}
