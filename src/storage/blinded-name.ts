import { hmacSha256 } from '../crypto/hash.js'

/** 128 bits: two of 2^32 names are the same with a chance of 2^-65. */
const NAME_BYTES = 16
const LABEL_LENGTH_BYTES = 1
const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

const encoder = new TextEncoder()

/**
 * The first 16 bytes of HMAC-SHA256(`key`, label length u8 ‖ label ‖ id), as 22 characters of base64url. Throws
 * `RangeError` if the label has more than 255 bytes.
 */
export function blindedName(key: Uint8Array, label: string, id: string | Uint8Array): string {
  const labelBytes = encoder.encode(label)
  if (labelBytes.length > 0xff) throw new RangeError('A label has at most 255 bytes')
  const frame = new Uint8Array(LABEL_LENGTH_BYTES + labelBytes.length)
  frame[0] = labelBytes.length
  frame.set(labelBytes, LABEL_LENGTH_BYTES)
  const name = hmacSha256(key, frame, typeof id === 'string' ? encoder.encode(id) : id)
  return base64url(name.subarray(0, NAME_BYTES))
}

function base64url(bytes: Uint8Array): string {
  let text = ''
  let pending = 0
  let bits = 0
  for (const byte of bytes) {
    pending = (pending << 8) | byte
    for (bits += 8; bits >= 6; bits -= 6) text += BASE64URL.charAt((pending >>> (bits - 6)) & 63)
    pending &= (1 << bits) - 1
  }
  return bits > 0 ? text + BASE64URL.charAt((pending << (6 - bits)) & 63) : text
}
