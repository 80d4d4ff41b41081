import { Reader } from '../../codec/reader.js'
import type { Write } from '../store.js'

// What LevelDB's log of commits has as records: db/write_batch.cc of LevelDB 1.20.

/** The number of its first write, and how many there are. */
const HEADER_BYTES = 12
/** Kinds of a write. */
const DELETE = 0
const PUT = 1

const decoder = new TextDecoder()

/** What a commit wrote; nothing if these bytes are none. */
export function writesOf(commit: Uint8Array): readonly Write[] {
  const reader = new Reader(commit.subarray(HEADER_BYTES))
  const writes: Write[] = []
  while (reader.remaining > 0) {
    const kind = reader.u8()
    if (kind !== PUT && kind !== DELETE) return []
    const key = decoder.decode(reader.bytes(reader.varint()))
    writes.push(
      kind === PUT ? { type: 'put', key, value: reader.bytes(reader.varint()) } : { type: 'delete', key }
    )
    if (reader.failed) return []
  }
  return writes
}
