import { primitives } from '#primitives'

/** Length of a ChaCha20-Poly1305 key (RFC 8439 §2.8). */
export const KEY_BYTES = 32
/** Length of a ChaCha20-Poly1305 nonce; never used twice under one key. */
export const NONCE_BYTES = 12
/** Length of the tag that ends every sealed message. */
export const TAG_BYTES = 16

/**
 * ChaCha20-Poly1305 (RFC 8439 §2.8): the ciphertext, then the 16-byte tag; before them `headroom` bytes of zero, for the caller to
 * write what belongs there.
 * Throws `RangeError` for a key or nonce of the wrong length.
 */
export function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
  headroom = 0
): Uint8Array {
  checkKey(key)
  if (nonce.length !== NONCE_BYTES)
    throw new RangeError(`A nonce has ${String(NONCE_BYTES)} bytes, not ${String(nonce.length)}`)
  return primitives.seal(key, nonce, plaintext, associatedData, headroom)
}

/**
 * The plaintext, or `undefined` if the nonce, the sealed bytes or the associated data are not the sender's; nothing
 * a stranger sends makes it throw. Throws `RangeError` for a key of the wrong length.
 */
export function open(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array
): Uint8Array | undefined {
  checkKey(key)
  if (nonce.length !== NONCE_BYTES || sealed.length < TAG_BYTES) return undefined
  return primitives.open(key, nonce, sealed, associatedData)
}

function checkKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES)
    throw new RangeError(`A key has ${String(KEY_BYTES)} bytes, not ${String(key.length)}`)
}
