import { primitives } from '#primitives'

/** SHA-256 (FIPS 180-4) of the concatenated parts: 32 bytes. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  return primitives.hash('sha256', parts)
}

/** SHA-512 (FIPS 180-4) of the concatenated parts: 64 bytes. */
export function sha512(...parts: Uint8Array[]): Uint8Array {
  return primitives.hash('sha512', parts)
}

/** HMAC-SHA256 (RFC 2104) of the concatenated parts under a key of any length: 32 bytes. */
export function hmacSha256(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return primitives.hmac('sha256', key, parts)
}

/** HMAC-SHA512 (RFC 2104) of the concatenated parts under a key of any length: 64 bytes. */
export function hmacSha512(key: Uint8Array, ...parts: Uint8Array[]): Uint8Array {
  return primitives.hmac('sha512', key, parts)
}

/** HMAC-SHA512 of `count` numbers in a row from `from` on, each as four bytes, big-endian: 64 bytes each. What they share is done once. */
export function hmacSha512Numbers(key: Uint8Array, from: number, count: number): Uint8Array {
  return primitives.hmacNumbers('sha512', key, from, count)
}

/** The first `kept` bytes of SHA-256 of `prefix` and each of the pieces of `size` bytes that lie one after the other in `pieces`. */
export function sha256Pieces(prefix: Uint8Array, pieces: Uint8Array, size: number, kept: number): Uint8Array {
  return primitives.hashPieces('sha256', prefix, pieces, size, kept)
}
