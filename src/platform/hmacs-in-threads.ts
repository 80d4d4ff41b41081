import { pbkdf2 } from 'node:crypto'
import { hmacSha512Numbers } from '../crypto/hash.js'
import type { HmacsBeside } from './platform.js'

const HMAC_BYTES = 64
const NO_SALT = new Uint8Array(0)
/** HMACs derived for one that is wanted, at most: with more it takes the processor longer than to compute each alone. */
const DERIVED_PER_WANTED = 2.5
/** To hand fewer over takes about as long as they do. */
const MIN_COUNT = 32

/** See `Platform.hmacsBeside`: in the threads that Node keeps for what takes long. */
export const hmacsInThreads: HmacsBeside = (key, from, count) => {
  const end = from + count
  if (count < MIN_COUNT || end > DERIVED_PER_WANTED * count) return Promise.resolve(undefined)
  return new Promise((resolve) => {
    // PBKDF2 of one iteration and without salt is the HMACs of 1, 2, 3, … (RFC 8018 §5.2).
    pbkdf2(key, NO_SALT, 1, (end - 1) * HMAC_BYTES, 'sha512', (error, derived) => {
      resolve(error === null ? wanted(key, from, count, derived) : undefined)
    })
  })
}

/** Of the HMACs of 1, 2, 3, … those from `from` on; nothing is left of the others. */
function wanted(key: Uint8Array, from: number, count: number, derived: Uint8Array): Uint8Array {
  if (from > 0) {
    const start = (from - 1) * HMAC_BYTES
    derived.fill(0, 0, start)
    return new Uint8Array(derived.buffer, derived.byteOffset + start, count * HMAC_BYTES)
  }
  const hmacs = new Uint8Array(count * HMAC_BYTES)
  hmacs.set(hmacSha512Numbers(key, 0, 1))
  hmacs.set(derived, HMAC_BYTES)
  derived.fill(0)
  return hmacs
}
