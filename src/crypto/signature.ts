import { primitives } from '#primitives'
import type { RandomSource } from './random.js'

/** Length of an Ed25519 public key and of a secret key, kept as its seed (RFC 8032 §5.1.5). */
export const SIGNING_KEY_BYTES = 32
/** Length of an Ed25519 signature R‖S (RFC 8032 §5.1.6). */
export const SIGNATURE_BYTES = 64

/** An Ed25519 key pair; 32 bytes each, the secret key as its seed. */
export interface SigningKeyPair {
  readonly publicKey: Uint8Array
  readonly secretKey: Uint8Array
}

/** A fresh Ed25519 key pair from 32 random bytes. */
export function generateSigningKeyPair(random: RandomSource): SigningKeyPair {
  const secretKey = random(SIGNING_KEY_BYTES)
  return { publicKey: signingPublicKey(secretKey), secretKey }
}

/** The Ed25519 public key of a seed. Throws `RangeError` for a wrong length. */
export function signingPublicKey(secretKey: Uint8Array): Uint8Array {
  checkSecretKey(secretKey)
  return primitives.signingPublicKey(secretKey)
}

/** The 64-byte Ed25519 signature of a message, deterministic (RFC 8032 §5.1.6). Throws `RangeError` for a wrong key length. */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  checkSecretKey(secretKey)
  return primitives.sign(message, secretKey)
}

/**
 * Strict Ed25519 verification; never throws. True only if the public key is canonical, of prime order (neither small
 * nor mixed), S < L, and [S]B − [h]A encodes to exactly the bytes of R, which are not the neutral point. So two
 * implementations never disagree about a signature, no signature can be altered into another valid one, and none
 * verifies for more than one key or message.
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES || publicKey.length !== SIGNING_KEY_BYTES) return false
  return !hasNeutralR(signature) && primitives.verify(signature, message, publicKey)
}

// The neutral point encodes as y = 1. A signature with it gives its secret key away, and strict verifiers elsewhere refuse it.
function hasNeutralR(signature: Uint8Array): boolean {
  return signature[0] === 1 && signature.subarray(1, 32).every((byte) => byte === 0)
}

function checkSecretKey(secretKey: Uint8Array): void {
  if (secretKey.length === SIGNING_KEY_BYTES) return
  throw new RangeError(
    `An Ed25519 secret key has ${String(SIGNING_KEY_BYTES)} bytes, not ${String(secretKey.length)}`
  )
}
