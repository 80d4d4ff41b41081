import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import type { RandomSource } from '../../crypto/random.js'

/** Bytes of a chunk: an offer has 38 of them, an answer 35. */
export const CHUNK_BYTES = 32
/** `epoch u16 ‖ part u8 ‖ first chunk u8` before the chunks of a piece. */
const HEADER_BYTES = 4
/** Least room in which a piece of an offer or an answer travels, bytes. */
export const MIN_PIECE_BYTES = HEADER_BYTES + CHUNK_BYTES

const PARTS = ['offer', 'answer'] as const
export type Part = (typeof PARTS)[number]

/** A run of chunks of an offer or an answer; after the last chunk follows the first. */
export interface Piece {
  readonly epoch: number
  readonly part: Part
  readonly first: number
  /** A multiple of {@link CHUNK_BYTES}. */
  readonly bytes: Uint8Array
}

export function encodePiece({ epoch, part, first, bytes }: Piece): Uint8Array {
  return new Writer(HEADER_BYTES + bytes.length)
    .u16(epoch)
    .u8(PARTS.indexOf(part))
    .u8(first)
    .bytes(bytes)
    .finish()
}

/** The piece in `bytes`, a view; `undefined` if it is malformed. */
export function decodePiece(bytes: Uint8Array): Piece | undefined {
  const reader = new Reader(bytes)
  const epoch = reader.u16()
  const part = PARTS[reader.u8()]
  const first = reader.u8()
  const chunks = reader.rest()
  if (reader.failed || part === undefined || epoch === 0) return undefined
  if (chunks.length === 0 || chunks.length % CHUNK_BYTES !== 0) return undefined
  return { epoch, part, first, bytes: chunks }
}

/** An offer or answer that is sent piece by piece, again and again, until the other side is known to have it. */
export interface Outgoing {
  readonly whole: Uint8Array
  /** The chunk that goes next, and how many are left of this round. */
  readonly next: number
  readonly left: number
}

export function outgoing(whole: Uint8Array): Outgoing {
  return { whole, next: 0, left: whole.length / CHUNK_BYTES }
}

/**
 * As many of the next chunks as fit `room` bytes with the header; `undefined` if not even one does. Each round begins somewhere else, so that
 * no regular loss keeps the same chunks away for ever.
 */
export function cutPiece(
  { whole, next, left }: Outgoing,
  name: Pick<Piece, 'epoch' | 'part'>,
  room: number,
  random: RandomSource
): { readonly piece: Uint8Array; readonly outgoing: Outgoing } | undefined {
  const total = whole.length / CHUNK_BYTES
  const count = Math.min(Math.floor((room - HEADER_BYTES) / CHUNK_BYTES), total)
  if (count < 1) return undefined
  const begin = next * CHUNK_BYTES
  const end = begin + count * CHUNK_BYTES
  const bytes = new Uint8Array(count * CHUNK_BYTES)
  bytes.set(whole.subarray(begin, end))
  if (end > whole.length) bytes.set(whole.subarray(0, end - whole.length), whole.length - begin)
  const rest = left - count
  const position =
    rest > 0
      ? { next: (next + count) % total, left: rest }
      : { next: (random(1)[0] ?? 0) % total, left: total }
  return { piece: encodePiece({ ...name, first: next, bytes }), outgoing: { whole, ...position } }
}

/** What has arrived of an offer or an answer. */
export interface Gathered {
  readonly bytes: Uint8Array
  /** 1 for each chunk that is there. */
  readonly present: Uint8Array
}

export function nothingGathered(length: number): Gathered {
  return { bytes: new Uint8Array(length), present: new Uint8Array(length / CHUNK_BYTES) }
}

/** `gathered` with a piece; the same if it says nothing new; `undefined` if it does not lie within. The first copy of a chunk counts. */
export function gather(gathered: Gathered, piece: Piece): Gathered | undefined {
  const total = gathered.present.length
  const count = piece.bytes.length / CHUNK_BYTES
  if (piece.first >= total || count > total) return undefined
  const bytes = gathered.bytes.slice()
  const present = gathered.present.slice()
  let isNew = false
  for (let index = 0; index < count; index++) {
    const chunk = (piece.first + index) % total
    if (present[chunk] === 1) continue
    isNew = true
    present[chunk] = 1
    bytes.set(piece.bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES), chunk * CHUNK_BYTES)
  }
  return isNew ? { bytes, present } : gathered
}

export function isWhole({ present }: Gathered): boolean {
  return !present.includes(0)
}
