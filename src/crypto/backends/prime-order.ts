import { ed25519 } from '@noble/curves/ed25519.js'
import { RecentKeys } from './recent-keys.js'

/** A decoded Ed25519 public key that passed {@link primeOrderPoint}. */
export type PrimeOrderPoint = InstanceType<typeof ed25519.Point>

/** Public keys whose check is remembered: the check costs about 1 ms, an entry about 300 bytes. */
export const MAX_CHECKED_SIGNING_KEYS = 1024

/**
 * The point of a 32-byte Ed25519 public key, or `undefined` unless the encoding is canonical (RFC 8032 §5.1.3)
 * and the point generates the prime-order group: on the curve, not of small order, without a torsion component.
 */
export function primeOrderPoint(publicKey: Uint8Array): PrimeOrderPoint | undefined {
  const point = decodePoint(publicKey)
  return point !== undefined && !point.isSmallOrder() && point.isTorsionFree() ? point : undefined
}

/** The point of a canonical encoding, or `undefined`. */
export function decodePoint(encoded: Uint8Array): PrimeOrderPoint | undefined {
  try {
    return ed25519.Point.fromBytes(encoded, false)
  } catch {
    return undefined // noble reports an invalid encoding only by throwing
  }
}

/** A bounded memory for what {@link primeOrderPoint} found good, in the form the backend verifies with. */
export function checkedSigningKeys<Prepared>(): RecentKeys<Prepared> {
  return new RecentKeys<Prepared>(MAX_CHECKED_SIGNING_KEYS)
}
