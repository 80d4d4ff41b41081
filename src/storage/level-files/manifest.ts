import { Reader } from '../../codec/reader.js'
import { readLog } from './log.js'

// LevelDB's manifest: a log of what changed about its tables (db/version_edit.cc of LevelDB 1.20).

const COMPARATOR = 1
const LOG = 2
const NEXT_FILE = 3
const LAST_WRITE = 4
const COMPACT_POINTER = 5
const DELETED_FILE = 6
const NEW_FILE = 7
const PREVIOUS_LOG = 9

/** What a database consists of. */
export interface Manifest {
  /** The bytes of each table by its number. */
  readonly tables: ReadonlyMap<number, number>
  /** The number of its oldest log, or 0 as long as it has none. */
  readonly log: number
  /** The number of the last write that its tables may have. */
  readonly lastWrite: number
  /** The number of the manifest that LevelDB writes when it opens the database the next time. */
  readonly next: number
}

interface Draft {
  readonly tables: Map<number, number>
  log: number | undefined
  lastWrite: number
  next: number
}

/** What this manifest says, or `undefined` if it is damaged. */
export function readManifest(bytes: Uint8Array): Manifest | undefined {
  const draft: Draft = { tables: new Map(), log: undefined, lastWrite: 0, next: 0 }
  for (const record of readLog(bytes)) {
    if (record === undefined || !apply(record, draft)) return undefined
  }
  const { log } = draft
  return log === undefined ? undefined : { ...draft, log }
}

/** What a record changes; `false` if it is none. */
function apply(record: Uint8Array, draft: Draft): boolean {
  const reader = new Reader(record)
  while (reader.remaining > 0 && !reader.failed) {
    const field = reader.varint()
    if (field === COMPARATOR) skipBytes(reader)
    else if (field === LOG) draft.log = reader.varint()
    else if (field === LAST_WRITE) draft.lastWrite = readNumber(reader)
    else if (field === NEXT_FILE) draft.next = readNumber(reader)
    else if (field === PREVIOUS_LOG) readNumber(reader)
    else if (!applyFile(field, reader, draft.tables)) return false
  }
  return !reader.failed
}

function applyFile(field: number, reader: Reader, tables: Map<number, number>): boolean {
  // Its level.
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
function readNumber(reader: Reader): number {
  let value = 0
  for (let unit = 1; ; unit *= 0x80) {
    const byte = reader.u8()
    value += (byte & 0x7f) * unit
    if (byte < 0x80) return value
  }
}
