import { Reader } from './reader.js'
import { Writer } from './writer.js'

/** Largest parcel: far below the 4 MiB frame at which gossipsub mutes a link, small enough for a slow link's turn. */
export const MAX_PARCEL_BYTES = 65_536
/** Random bytes that make the parcel of a retransmission another gossip message than the first (its id is its hash). */
export const PARCEL_SALT_BYTES = 8

/** Envelopes in a parcel: no more of the smallest fit. */
const MAX_PARCEL_ENVELOPES = 128

const PARCEL_VERSION = 1
const HEADER_BYTES = 1 + PARCEL_SALT_BYTES
const LENGTH_BYTES = 2

/** Bytes one envelope adds to a parcel. */
export function parcelShare(envelope: Uint8Array): number {
  return LENGTH_BYTES + envelope.length
}

/** Room for envelopes in one parcel, to be compared with the sum of {@link parcelShare}. */
export const PARCEL_ROOM = MAX_PARCEL_BYTES - HEADER_BYTES

/** `version u8 ‖ salt 8 ‖ (length u16 ‖ envelope)…` */
export function encodeParcel(envelopes: readonly Uint8Array[], salt: Uint8Array): Uint8Array {
  const size = envelopes.reduce((sum, envelope) => sum + parcelShare(envelope), HEADER_BYTES)
  const writer = new Writer(size).u8(PARCEL_VERSION).bytes(salt)
  for (const envelope of envelopes) writer.prefixed(envelope)
  return writer.finish()
}

/** The envelopes of a parcel as views on `bytes`, or `undefined` if it is malformed, empty, too large or of another version. */
export function decodeParcel(bytes: Uint8Array): Uint8Array[] | undefined {
  if (bytes.length > MAX_PARCEL_BYTES) return undefined
  const reader = new Reader(bytes)
  if (reader.u8() !== PARCEL_VERSION) return undefined
  reader.bytes(PARCEL_SALT_BYTES)
  const envelopes: Uint8Array[] = []
  while (!reader.failed && reader.remaining > 0 && envelopes.length < MAX_PARCEL_ENVELOPES) {
    envelopes.push(reader.prefixed(MAX_PARCEL_BYTES))
  }
  return reader.finished() && envelopes.length > 0 ? envelopes : undefined
}
