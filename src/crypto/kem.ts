import { primitives } from '#primitives'
import type { Encapsulation } from './backends/primitives.js'
import type { RandomSource } from './random.js'

export type { Encapsulation } from './backends/primitives.js'

/** Length of an ML-KEM-768 encapsulation key (FIPS 203 table 3). */
export const KEM_PUBLIC_KEY_BYTES = 1184
/** Length of an ML-KEM-768 ciphertext (FIPS 203 table 3). */
export const KEM_CIPHERTEXT_BYTES = 1088
/** Length of a secret key, kept as the seed d‖z (FIPS 203 §3.3) instead of the 2400 bytes it expands to. */
export const KEM_SECRET_KEY_BYTES = 64
const ENCAPSULATION_RANDOM_BYTES = 32

/** An ML-KEM-768 key pair: the 1184-byte encapsulation key and the 64-byte seed d‖z. */
export interface KemKeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** A fresh ML-KEM-768 key pair from 64 random bytes (FIPS 203 §7.1). */
export function generateKemKeyPair(random: RandomSource): KemKeyPair {
  const secretKey = random(KEM_SECRET_KEY_BYTES)
  return { publicKey: kemPublicKey(secretKey), secretKey }
}

/** The encapsulation key of a seed d‖z. Throws `RangeError` for a wrong length. */
export function kemPublicKey(secretKey: Uint8Array): Uint8Array {
  if (secretKey.length !== KEM_SECRET_KEY_BYTES) {
    throw new RangeError(
      `An ML-KEM secret key has ${String(KEM_SECRET_KEY_BYTES)} bytes, not ${String(secretKey.length)}`
    )
  }
  return primitives.kemPublicKey(secretKey)
}

/**
 * A fresh 32-byte shared secret and the 1088-byte ciphertext that carries it (FIPS 203 §7.2), from 32 random bytes.
 * `undefined` if the public key has the wrong length or fails the modulus check.
 */
export function encapsulate(publicKey: Uint8Array, random: RandomSource): Encapsulation | undefined {
  if (publicKey.length !== KEM_PUBLIC_KEY_BYTES) return undefined
  const m = random(ENCAPSULATION_RANDOM_BYTES)
  if (m.length !== ENCAPSULATION_RANDOM_BYTES) {
    throw new RangeError(
      `The random source gave ${String(m.length)} bytes instead of ${String(ENCAPSULATION_RANDOM_BYTES)}`
    )
  }
  const result = primitives.encapsulate(publicKey, m)
  m.fill(0)
  return result
}

/**
 * The 32-byte shared secret of a ciphertext (FIPS 203 §7.3). A forged ciphertext gives a secret nobody else knows
 * (implicit rejection), so that what is sealed under it does not open; only a wrong length gives `undefined`.
 */
export function decapsulate(ciphertext: Uint8Array, secretKey: Uint8Array): Uint8Array | undefined {
  if (ciphertext.length !== KEM_CIPHERTEXT_BYTES || secretKey.length !== KEM_SECRET_KEY_BYTES)
    return undefined
  return primitives.decapsulate(ciphertext, secretKey)
}
