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
