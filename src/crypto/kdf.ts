import { primitives } from '#primitives'
import type { ScryptCost } from './backends/primitives.js'
import { hmacSha256 } from './hash.js'

export type { ScryptCost } from './backends/primitives.js'

const HASH_BYTES = 32
/** Most bytes one HKDF-Expand can give (RFC 5869 §2.3). */
export const MAX_HKDF_BYTES = 255 * HASH_BYTES
/** Most memory one password key may ask for: what a phone can spare, and @noble/hashes' own limit. */
export const MAX_SCRYPT_BYTES = 2 ** 30
const PASSWORD_KEY_BYTES = 32
/** The counters of the first blocks: of most keys there are no more. */
const FIRST_COUNTER = Uint8Array.of(1)
const SECOND_COUNTER = Uint8Array.of(2)
const THIRD_COUNTER = Uint8Array.of(3)
const NOTHING = new Uint8Array(0)

/** HKDF-SHA256 (RFC 5869). Throws `RangeError` unless 0 ≤ `length` ≤ {@link MAX_HKDF_BYTES}. */
export function hkdf(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  const prk = hkdfExtract(ikm, salt)
  const okm = hkdfExpand(prk, info, length)
  prk.fill(0)
  return okm
}

/** HKDF-Extract (RFC 5869 §2.2): the 32-byte pseudorandom key. An empty salt means 32 zero bytes. */
export function hkdfExtract(ikm: Uint8Array, salt: Uint8Array): Uint8Array {
  return hmacSha256(salt, ikm)
}

/** HKDF-Expand (RFC 5869 §2.3). Throws `RangeError` unless 0 ≤ `length` ≤ {@link MAX_HKDF_BYTES}. */
export function hkdfExpand(prk: Uint8Array, info: Uint8Array, length: number): Uint8Array {
  if (!Number.isInteger(length) || length < 0 || length > MAX_HKDF_BYTES) {
    throw new RangeError(`HKDF-SHA256 gives 0 to ${String(MAX_HKDF_BYTES)} bytes, not ${String(length)}`)
  }
  if (length === HASH_BYTES) return hmacSha256(prk, info, FIRST_COUNTER)
  const okm = new Uint8Array(length)
  let previous: Uint8Array = NOTHING
  for (let offset = 0; offset < length; offset += HASH_BYTES) {
    const block = hmacSha256(prk, previous, info, Uint8Array.of(offset / HASH_BYTES + 1))
    okm.set(length - offset < HASH_BYTES ? block.subarray(0, length - offset) : block, offset)
    previous.fill(0)
    previous = block
  }
  previous.fill(0)
  return okm
}

/** HKDF-SHA256 (RFC 5869) to one key of 32 bytes, `info` a label and what the key is bound to: put together for the hash only, as every message has such a key. */
export function hkdfBoundKey(
  ikm: Uint8Array,
  salt: Uint8Array,
  label: Uint8Array,
  context: Uint8Array
): Uint8Array {
  const prk = hkdfExtract(ikm, salt)
  const key = hmacSha256(prk, label, context, FIRST_COUNTER)
  prk.fill(0)
  return key
}

/** HKDF-SHA256 (RFC 5869) to 96 bytes, as three keys: its blocks are that long, so none is copied and there is nothing else to wipe. */
export function hkdfThreeKeys(
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array
): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const prk = hkdfExtract(ikm, salt)
  const first = hmacSha256(prk, info, FIRST_COUNTER)
  const second = hmacSha256(prk, first, info, SECOND_COUNTER)
  const third = hmacSha256(prk, second, info, THIRD_COUNTER)
  prk.fill(0)
  return [first, second, third]
}

/**
 * The 32-byte key of a passphrase: scrypt (RFC 7914) of its NFKC form in UTF-8, so that the same characters typed
 * on another keyboard give the same key. Throws `RangeError` if the cost is invalid or asks for more than
 * {@link MAX_SCRYPT_BYTES}.
 */
export function passwordKey(passphrase: string, salt: Uint8Array, cost: ScryptCost): Uint8Array {
  checkCost(cost)
  const password = new TextEncoder().encode(passphrase.normalize('NFKC'))
  const key = primitives.scrypt(password, salt, cost, PASSWORD_KEY_BYTES)
  password.fill(0)
  return key
}

function checkCost(cost: ScryptCost): void {
  const wrong = wrongCost(cost)
  if (wrong !== undefined) throw new RangeError(wrong)
}

/** Whether {@link passwordKey} takes this cost. */
export function isScryptCost(cost: ScryptCost): boolean {
  return wrongCost(cost) === undefined
}

function wrongCost({ N, r, p }: ScryptCost): string | undefined {
  if (!Number.isInteger(Math.log2(N)) || N < 2) return 'scrypt N must be a power of two above 1'
  if (!Number.isInteger(r) || r < 1) return 'scrypt r must be a positive integer'
  if (!Number.isInteger(p) || p < 1) return 'scrypt p must be a positive integer'
  return 128 * r * (N + p) > MAX_SCRYPT_BYTES ? 'scrypt cost asks for more than 1 GiB of memory' : undefined
}
