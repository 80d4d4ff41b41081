import { NONCE_BYTES, open, seal, TAG_BYTES } from '../crypto/aead.js'

/** Version of the sealed form of a record. */
const RECORD_FORMAT = 1
const OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES
const KEY_LENGTH_BYTES = 2

/** Most bytes one UTF-16 unit takes in UTF-8. */
const MAX_UTF8_BYTES = 3

const encoder = new TextEncoder()
let buffer = new Uint8Array(512)

/**
 * `format u8 ‖ nonce 12 ‖ ChaCha20-Poly1305(value)`, with the associated data `store id ‖ format u8 ‖ key length u16 ‖
 * key`: a record moved to another key or another store does not open.
 */
export function sealRecord(
  valueKey: Uint8Array,
  storeId: Uint8Array,
  key: string,
  value: Uint8Array,
  nonce: Uint8Array
): Uint8Array {
  const record = seal(valueKey, nonce, value, associatedData(storeId, key), 1 + NONCE_BYTES)
  record[0] = RECORD_FORMAT
  record.set(nonce, 1)
  return record
}

/** The value, or `undefined` if the record is not what was stored under `key`. */
export function openRecord(
  valueKey: Uint8Array,
  storeId: Uint8Array,
  key: string,
  record: Uint8Array
): Uint8Array | undefined {
  if (record.length < OVERHEAD || record[0] !== RECORD_FORMAT) return undefined
  const nonce = record.subarray(1, 1 + NONCE_BYTES)
  return open(valueKey, nonce, record.subarray(1 + NONCE_BYTES), associatedData(storeId, key))
}

/** The result is valid until the next call: one buffer serves all records, as it costs more to make than to fill. */
function associatedData(storeId: Uint8Array, key: string): Uint8Array {
  const start = storeId.length + 1 + KEY_LENGTH_BYTES
  const capacity = start + key.length * MAX_UTF8_BYTES
  if (buffer.length < capacity) buffer = new Uint8Array(capacity)
  const { written } = encoder.encodeInto(key, buffer.subarray(start))
  buffer.set(storeId)
  buffer[storeId.length] = RECORD_FORMAT
  buffer[storeId.length + 1] = written >>> 8
  buffer[storeId.length + 2] = written
  return buffer.subarray(0, start + written)
}
