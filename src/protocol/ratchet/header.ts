import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { TAG_BYTES as AEAD_TAG_BYTES } from '../../crypto/aead.js'

const HEADER_BYTES = 43
const FLAG_PQ_EPOCH = 1
/** A header inside its seal, bytes. */
export const SEALED_HEADER_BYTES = HEADER_BYTES + AEAD_TAG_BYTES

/** What the recipient must know to find the message key (Double Ratchet §4.2). */
export interface MessageHeader {
  /** X25519 ratchet key of the sender. */
  readonly ratchetKey: Uint8Array
  /** Length of the sender's previous sending chain (PN). */
  readonly previousCount: number
  /** Number of the message in its chain (N). */
  readonly number: number
  /** Whose post-quantum key is mixed into the message keys of the chain; 0 for none. */
  readonly pqEpoch: number
}

/** `ratchet key 32 ‖ PN u32 ‖ N u32 ‖ flags u8 ‖ pq u16`: flag 1 says that the last is the number of a post-quantum epoch, else both are 0. */
export function encodeHeader(header: MessageHeader): Uint8Array {
  return new Writer(HEADER_BYTES)
    .bytes(header.ratchetKey)
    .u32(header.previousCount)
    .u32(header.number)
    .u8(header.pqEpoch === 0 ? 0 : FLAG_PQ_EPOCH)
    .u16(header.pqEpoch)
    .finish()
}

/** The header in `bytes`, or `undefined` if it is malformed or uses what is reserved. */
export function decodeHeader(bytes: Uint8Array): MessageHeader | undefined {
  const reader = new Reader(bytes)
  const ratchetKey = reader.bytes(32).slice()
  const previousCount = reader.u32()
  const number = reader.u32()
  const flags = reader.u8()
  const pqEpoch = reader.u16()
  const hasKnownFlags = flags === (pqEpoch === 0 ? 0 : FLAG_PQ_EPOCH)
  return reader.finished() && hasKnownFlags ? { ratchetKey, previousCount, number, pqEpoch } : undefined
}
