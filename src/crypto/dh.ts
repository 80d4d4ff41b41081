import { primitives } from '#primitives'
import type { RandomSource } from './random.js'

/** Length of an X25519 secret key, public key and shared secret (RFC 7748 §5). */
export const DH_KEY_BYTES = 32

/** An X25519 key pair; 32 bytes each. */
export interface DhKeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** A fresh X25519 key pair from 32 random bytes. */
export function generateDhKeyPair(random: RandomSource): DhKeyPair {
  const secretKey = random(DH_KEY_BYTES)
  return { publicKey: dhPublicKey(secretKey), secretKey }
}

/** The X25519 public key of a secret key (RFC 7748 §6.1). Throws `RangeError` for a wrong length. */
export function dhPublicKey(secretKey: Uint8Array): Uint8Array {
  if (secretKey.length !== DH_KEY_BYTES) {
    throw new RangeError(
      `An X25519 secret key has ${String(DH_KEY_BYTES)} bytes, not ${String(secretKey.length)}`
    )
  }
  return primitives.dhPublicKey(secretKey)
}

/**
 * The X25519 shared secret (RFC 7748 §6.1): 32 bytes, or `undefined` for a key of the wrong length and for a public
 * key of low order, whose shared secret would be all zero and known to everyone. A non-canonical public key counts
 * as its value modulo p, and one on the twist is fine: both as RFC 7748 §5 demands.
 */
export function diffieHellman(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  if (secretKey.length !== DH_KEY_BYTES || publicKey.length !== DH_KEY_BYTES) return undefined
  return primitives.diffieHellman(secretKey, publicKey)
}
