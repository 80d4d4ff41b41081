import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { MAX_BUNDLE_CANDIDATES, MAX_BUNDLE_WANTS } from '../limits.js'
import { BUNDLE_ID_BYTES, MAX_BUNDLE_RECORD_BYTES, type BundleRecord } from './bundle-record.js'

/** Direct request by which nodes hand each other sealed bundle records. */
export const BUNDLE_PROTOCOL = '/hallig/bundle/1.0.0'

const VERSION = 1
/** Records in one answer: half of what a direct answer may have in bytes. */
const MAX_RECORDS = MAX_BUNDLE_WANTS

/** What a node asks for, and what it offers: its own records, for the other to keep. */
export interface BundleRequest {
  readonly wanted: readonly Uint8Array[]
  readonly offered: readonly BundleRecord[]
}

function writeRecords(writer: Writer, records: readonly BundleRecord[]): void {
  writer.u8(records.length)
  for (const { id, body } of records) writer.bytes(id).prefixed(body)
}

function readRecords(reader: Reader): BundleRecord[] | undefined {
  const count = reader.u8()
  if (count > MAX_RECORDS) return undefined
  const records: BundleRecord[] = []
  for (let index = 0; index < count && !reader.failed; index++) {
    records.push({
      id: reader.bytes(BUNDLE_ID_BYTES).slice(),
      body: reader.prefixed(MAX_BUNDLE_RECORD_BYTES).slice()
    })
  }
  return records
}

/** `version u8 ‖ count u8 ‖ id 32 … ‖ count u8 ‖ (id 32 ‖ length u16 ‖ body) …` */
export function encodeBundleRequest(request: BundleRequest): Uint8Array {
  const writer = new Writer().u8(VERSION).u8(request.wanted.length)
  for (const id of request.wanted) writer.bytes(id)
  writeRecords(writer, request.offered)
  return writer.finish()
}

export function decodeBundleRequest(bytes: Uint8Array): BundleRequest | undefined {
  const reader = new Reader(bytes)
  if (reader.u8() !== VERSION) return undefined
  const count = reader.u8()
  if (count > MAX_BUNDLE_WANTS) return undefined
  const wanted: Uint8Array[] = []
  for (let index = 0; index < count; index++) wanted.push(reader.bytes(BUNDLE_ID_BYTES).slice())
  const offered = readRecords(reader)
  return offered !== undefined && offered.length <= MAX_BUNDLE_CANDIDATES && reader.finished()
    ? { wanted, offered }
    : undefined
}

/** `version u8 ‖ count u8 ‖ (id 32 ‖ length u16 ‖ body) …` */
export function encodeBundleResponse(records: readonly BundleRecord[]): Uint8Array {
  const writer = new Writer().u8(VERSION)
  writeRecords(writer, records.slice(0, MAX_RECORDS))
  return writer.finish()
}

export function decodeBundleResponse(bytes: Uint8Array): readonly BundleRecord[] | undefined {
  const reader = new Reader(bytes)
  if (reader.u8() !== VERSION) return undefined
  const records = readRecords(reader)
  return reader.finished() ? records : undefined
}
