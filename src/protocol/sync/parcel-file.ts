import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { sha256 } from '../../crypto/hash.js'
import { compareBytes } from '../compare-bytes.js'
import { label } from '../labels.js'
import { MAX_SYNC_FRAME } from '../limits.js'
import { reject, type Rejected } from '../rejection.js'
import { decodeFrame, encodeFrame, type SyncFrame } from './frames.js'

/** Begins every file. The first byte is no text and the line ends are of both kinds: what a careless copy turns into something else is noticed. */
const MAGIC = Uint8Array.of(0x89, 0x48, 0x4c, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const VERSION = 1
const NETWORK_BYTES = 8
const HEADER_BYTES = MAGIC.length + 1 + NETWORK_BYTES
const LENGTH_BYTES = 2
const CHECK_BYTES = 8
const CHAIN_BYTES = 32
const END_BYTES = LENGTH_BYTES + 8 + CHAIN_BYTES

const encoder = new TextEncoder()

/** Bytes of a file around its frames. */
export const FILE_FRAME_BYTES = HEADER_BYTES + END_BYTES
/** Bytes a file adds to a frame. */
export const FILE_RECORD_BYTES = LENGTH_BYTES + CHECK_BYTES

/** What a file may hold. */
export type FileFrame = Extract<SyncFrame, { kind: 'give' | 'purge' }>

/** A file being written. */
export interface FileWriter {
  readonly envelopes: number
  /** Of all checks so far. */
  readonly chain: Uint8Array
}

/** A file being read. */
export interface FileReader {
  readonly phase: 'header' | 'frames' | 'over'
  /** What stands for the own network. */
  readonly network: Uint8Array
  /** The beginning of a record that has not come whole. */
  readonly rest: Uint8Array
  readonly envelopes: number
  readonly chain: Uint8Array
  /** Whether a record was passed over. */
  readonly isDamaged: boolean
}

/** What a piece of a file held, in its order. */
export type FilePart =
  | { readonly kind: 'envelopes'; readonly envelopes: readonly Uint8Array[] }
  /** Secrets of tags whose envelopes have arrived. */
  | { readonly kind: 'secrets'; readonly secrets: readonly Uint8Array[] }
  /** A frame is not what was written. What follows is read if it can be found. */
  | { readonly kind: 'damaged' }
  /** The end, and whether it says that nothing is missing or changed. */
  | { readonly kind: 'end'; readonly isWhole: boolean }

export type FileRejection = Rejected<'not-a-file' | 'unknown-version' | 'other-network'>

/** The header of a file of a network, and where to go on. */
export function beginWriting(networkName: string): {
  readonly writer: FileWriter
  readonly bytes: Uint8Array
} {
  const header = new Writer(HEADER_BYTES).bytes(MAGIC).u8(VERSION).bytes(networkTag(networkName)).finish()
  return { writer: { envelopes: 0, chain: firstLink(header) }, bytes: header }
}

/** The record of a frame, `length u16 ‖ frame ‖ check 8`. */
export function writeFrame(
  writer: FileWriter,
  frame: FileFrame
): { readonly writer: FileWriter; readonly bytes: Uint8Array } {
  const encoded = encodeFrame(frame)
  const check = checkOf(encoded)
  const bytes = new Writer(encoded.length + FILE_RECORD_BYTES).prefixed(encoded).bytes(check).finish()
  const given = frame.kind === 'give' ? frame.given.length : 0
  const chain = sha256(writer.chain, check)
  return { writer: { envelopes: writer.envelopes + given, chain }, bytes }
}

/** The end of a file, `0 u16 ‖ envelopes u64 ‖ chain 32`. */
export function endWriting({ envelopes, chain }: FileWriter): Uint8Array {
  return new Writer(END_BYTES).u16(0).u64(envelopes).bytes(chain).finish()
}

/** Ready for the first bytes of a file, which is to be of this network. */
export function beginReading(networkName: string): FileReader {
  const nothing = new Uint8Array(0)
  const network = networkTag(networkName)
  return { phase: 'header', network, rest: nothing, envelopes: 0, chain: nothing, isDamaged: false }
}

/** Read on: what these bytes complete, as views on them. Bytes after the end, and after a length that cannot be, are passed over. */
export function readOn(
  reader: FileReader,
  bytes: Uint8Array
):
  | { readonly kind: 'read'; readonly reader: FileReader; readonly parts: readonly FilePart[] }
  | FileRejection {
  const all = reader.rest.length === 0 ? bytes : new Writer().bytes(reader.rest).bytes(bytes).finish()
  const input = new Reader(all)
  let state: FileReader = reader
  if (state.phase === 'header') {
    const begun = readHeader(state, input, all)
    if (begun.kind === 'rejected') return begun
    if (begun.kind === 'short') return { kind: 'read', reader: { ...state, rest: all.slice() }, parts: [] }
    state = begun.reader
  }
  const parts: FilePart[] = []
  while (state.phase === 'frames') {
    const rest = input.remaining
    const record = readRecord(state, input)
    if (record === undefined) {
      const left = all.slice(all.length - rest)
      return { kind: 'read', reader: { ...state, rest: left }, parts }
    }
    state = record.reader
    parts.push(record.part)
  }
  return { kind: 'read', reader: { ...state, rest: new Uint8Array(0) }, parts }
}

function readHeader(
  reader: FileReader,
  input: Reader,
  all: Uint8Array
): { readonly kind: 'begun'; readonly reader: FileReader } | { readonly kind: 'short' } | FileRejection {
  const start = all.subarray(0, MAGIC.length)
  if (compareBytes(start, MAGIC.subarray(0, start.length)) !== 0) return reject('not-a-file')
  if (all.length > MAGIC.length && all[MAGIC.length] !== VERSION) return reject('unknown-version')
  if (all.length < HEADER_BYTES) return { kind: 'short' }
  const header = input.bytes(HEADER_BYTES)
  if (compareBytes(header.subarray(MAGIC.length + 1), reader.network) !== 0) return reject('other-network')
  return { kind: 'begun', reader: { ...reader, phase: 'frames', chain: firstLink(header) } }
}

/** The next record, or `undefined` if it has not come whole. */
function readRecord(
  reader: FileReader,
  input: Reader
): { readonly reader: FileReader; readonly part: FilePart } | undefined {
  if (input.remaining < LENGTH_BYTES) return undefined
  const length = input.u16()
  if (length === 0) return readEnd(reader, input)
  if (length > MAX_SYNC_FRAME) return { reader: { ...reader, phase: 'over' }, part: { kind: 'damaged' } }
  if (input.remaining < length + CHECK_BYTES) return undefined
  const encoded = input.bytes(length)
  const check = input.bytes(CHECK_BYTES)
  const next = { ...reader, chain: sha256(reader.chain, check) }
  const frame = compareBytes(check, checkOf(encoded)) === 0 ? decodeFrame(encoded) : undefined
  if (frame?.kind === 'purge') return { reader: next, part: { kind: 'secrets', secrets: frame.secrets } }
  if (frame?.kind !== 'give') return { reader: { ...next, isDamaged: true }, part: { kind: 'damaged' } }
  const envelopes = frame.given.flatMap(({ envelope }) => (envelope === undefined ? [] : [envelope]))
  const counted = { ...next, envelopes: reader.envelopes + frame.given.length }
  return { reader: counted, part: { kind: 'envelopes', envelopes } }
}

function readEnd(
  reader: FileReader,
  input: Reader
): { readonly reader: FileReader; readonly part: FilePart } | undefined {
  if (input.remaining < END_BYTES - LENGTH_BYTES) return undefined
  const envelopes = input.u64()
  const isSame = compareBytes(input.bytes(CHAIN_BYTES), reader.chain) === 0
  const isWhole = isSame && envelopes === reader.envelopes && !reader.isDamaged
  return { reader: { ...reader, phase: 'over' }, part: { kind: 'end', isWhole } }
}

function networkTag(networkName: string): Uint8Array {
  return sha256(label('file/network'), encoder.encode(networkName)).subarray(0, NETWORK_BYTES)
}

function firstLink(header: Uint8Array): Uint8Array {
  return sha256(label('file/chain'), header)
}

function checkOf(frame: Uint8Array): Uint8Array {
  return sha256(label('file/check'), frame).subarray(0, CHECK_BYTES)
}
