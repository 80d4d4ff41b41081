import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { MAX_ENVELOPE_BYTES, MAX_SYNC_FRAME } from '../limits.js'
import { FINGERPRINT_BYTES } from './item-sum.js'
import { numbersBytes, readNumbers, writeNumbers } from './range-message.js'

/** Protocol of reconciliation on a direct stream. */
export const RECONCILE_PROTOCOL = '/hallig/reconcile/1.0.0'
/** Bytes of a session's salt. */
export const SYNC_SALT_BYTES = 16
/** Bytes of a tag's secret, which purges the envelope with that tag. */
export const PURGE_SECRET_BYTES = 16
/** Secrets that one frame holds. */
export const SECRETS_PER_FRAME = Math.floor((MAX_SYNC_FRAME - 1) / PURGE_SECRET_BYTES)

const VERSION = 1
/** The only shard of version 1. */
const SHARD = 0
const MAX_SHARDS = 64

const HELLO = 0
const RANGES = 1
const WANT = 2
const GIVE = 3
const TOOK = 4
const PURGE = 5
const DONE = 6

const CARRIER = 1
const SALTED = 2

/** What each side says first: what it has, compared at one glance. */
export interface SyncHello {
  /** Whether it keeps envelopes for others. */
  readonly carrier: boolean
  /** Bytes of envelopes it takes before it has said that they are stored. */
  readonly credit: number
  readonly size: number
  readonly fingerprint: Uint8Array
  /** What the opener wants all fingerprints of this session to be made with. */
  readonly salt?: Uint8Array | undefined
}

/** An envelope that was wanted, by the number it was named with; without bytes if it is gone meanwhile. */
export interface Given {
  readonly number: number
  readonly envelope?: Uint8Array
}

export type SyncFrame =
  | ({ readonly kind: 'hello' } & SyncHello)
  /** A reconciliation message, see `range-message.ts`; an empty one says that there is nothing left to compare. */
  | { readonly kind: 'ranges'; readonly message: Uint8Array }
  | { readonly kind: 'want'; readonly numbers: readonly number[] }
  | { readonly kind: 'give'; readonly given: readonly Given[] }
  /** So many bytes of envelopes are stored. */
  | { readonly kind: 'took'; readonly bytes: number }
  /** Secrets of tags whose envelopes have arrived. */
  | { readonly kind: 'purge'; readonly secrets: readonly Uint8Array[] }
  /** Nothing more is wanted. */
  | { readonly kind: 'done' }

export function encodeFrame(frame: SyncFrame): Uint8Array {
  const writer = new Writer(capacityOf(frame))
  switch (frame.kind) {
    case 'hello':
      writeHello(writer.u8(HELLO), frame)
      break
    case 'ranges':
      writer.u8(RANGES).bytes(frame.message)
      break
    case 'want':
      writeNumbers(writer.u8(WANT), frame.numbers)
      break
    case 'give':
      writer.u8(GIVE)
      for (const { number, envelope = NOTHING } of frame.given) writer.varint(number).prefixed(envelope)
      break
    case 'took':
      writer.u8(TOOK).u32(frame.bytes)
      break
    case 'purge':
      writer.u8(PURGE)
      for (const secret of frame.secrets) writer.bytes(secret)
      break
    case 'done':
      writer.u8(DONE)
  }
  return writer.finish()
}

/** Bytes of a frame, or a few more: a buffer that grows, or of which a part is given, takes longer than all that is written to it. */
function capacityOf(frame: SyncFrame): number {
  switch (frame.kind) {
    case 'hello':
      return HELLO_BYTES + (frame.salt?.length ?? 0)
    case 'ranges':
      return 1 + frame.message.length
    case 'want':
      return 1 + numbersBytes(frame.numbers.length)
    case 'give':
      return frame.given.reduce((sum, { envelope = NOTHING }) => sum + givenBytes(envelope.length), 1)
    case 'took':
      return 1 + 4
    case 'purge':
      return frame.secrets.reduce((sum, secret) => sum + secret.length, 1)
    case 'done':
      return 1
  }
}

/** Bytes at most that an envelope of this size takes in a `give`; of size 0, one that is gone. */
export function givenBytes(size: number): number {
  return 4 + 2 + size
}

const NOTHING = new Uint8Array(0)
/** Bytes of a hello without a salt: kind, version, flags, credit, shards, shard, size, fingerprint. */
const HELLO_BYTES = 1 + 1 + 1 + 4 + 1 + 1 + 4 + FINGERPRINT_BYTES

function writeHello(writer: Writer, { carrier, credit, size, fingerprint, salt }: SyncHello): void {
  writer
    .u8(VERSION)
    .u8((carrier ? CARRIER : 0) | (salt === undefined ? 0 : SALTED))
    .u32(credit)
  writer
    .u8(1)
    .u8(SHARD)
    .u32(size)
    .bytes(fingerprint)
    .bytes(salt ?? NOTHING)
}

/** The frame in these bytes as views on them, or `undefined` if it is malformed, too long or of a version or kind not known. */
export function decodeFrame(bytes: Uint8Array): SyncFrame | undefined {
  if (bytes.length > MAX_SYNC_FRAME) return undefined
  const reader = new Reader(bytes)
  const frame = readFrame(reader)
  return frame !== undefined && reader.finished() ? frame : undefined
}

function readFrame(reader: Reader): SyncFrame | undefined {
  switch (reader.u8()) {
    case HELLO:
      return readHello(reader)
    case RANGES:
      return { kind: 'ranges', message: reader.rest() }
    case WANT: {
      const numbers = readNumbers(reader)
      return numbers === undefined ? undefined : { kind: 'want', numbers }
    }
    case GIVE:
      return { kind: 'give', given: readGiven(reader) }
    case TOOK:
      return { kind: 'took', bytes: reader.u32() }
    case PURGE:
      return { kind: 'purge', secrets: readSecrets(reader) }
    case DONE:
      return { kind: 'done' }
    default:
      return undefined
  }
}

function readHello(reader: Reader): SyncFrame | undefined {
  const version = reader.u8()
  const flags = reader.u8()
  const credit = reader.u32()
  const shards = reader.u8()
  let mine: { size: number; fingerprint: Uint8Array } | undefined
  for (let count = 0; count < shards && count < MAX_SHARDS && !reader.failed; count++) {
    const shard = reader.u8()
    const described = { size: reader.u32(), fingerprint: reader.bytes(FINGERPRINT_BYTES) }
    if (shard === SHARD) mine = described
  }
  const salt = (flags & SALTED) === 0 ? undefined : reader.bytes(SYNC_SALT_BYTES)
  if (version !== VERSION || mine === undefined) return undefined
  const hello = { kind: 'hello' as const, carrier: (flags & CARRIER) !== 0, credit, ...mine }
  return salt === undefined ? hello : { ...hello, salt }
}

function readGiven(reader: Reader): Given[] {
  const given: Given[] = []
  while (!reader.failed && reader.remaining > 0) {
    const number = reader.varint()
    const envelope = reader.prefixed(MAX_ENVELOPE_BYTES)
    given.push(envelope.length === 0 ? { number } : { number, envelope })
  }
  return given
}

function readSecrets(reader: Reader): Uint8Array[] {
  const secrets: Uint8Array[] = []
  while (!reader.failed && reader.remaining > 0) secrets.push(reader.bytes(PURGE_SECRET_BYTES))
  return secrets
}
