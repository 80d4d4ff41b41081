import { createPrivateKey, type KeyObject } from 'node:crypto'

export type Curve = 'X25519' | 'Ed25519'

const KEY_BYTES = 32
/** What comes before a secret key in PKCS #8 (RFC 8410 §7). */
const PKCS8_PREFIX = {
  X25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  Ed25519: Buffer.from('302e020100300506032b657004220420', 'hex')
}
const keyBytes = Buffer.alloc(KEY_BYTES)
const pkcs8Bytes = Buffer.alloc(PKCS8_PREFIX.X25519.length + KEY_BYTES)

/** Import a secret key of 32 bytes: the way that this Node takes and that costs least. */
export const importSecretKey = takesAnyPublicHalf() ? secretKeyFromJwk : secretKeyFromPkcs8

/** Whether a JWK with another public half than the secret's is taken, as up to Node 22; from 24 on the two are compared. */
function takesAnyPublicHalf(): boolean {
  try {
    secretKeyFromJwk('X25519', new Uint8Array(KEY_BYTES).fill(1))
    return true
  } catch {
    return false
  }
}

/** OpenSSL derives the public half itself. On Node 20 PKCS #8 takes 13 times as long as this, from 22 on about as long. */
function secretKeyFromJwk(curve: Curve, secretKey: Uint8Array): KeyObject {
  const jwk = { kty: 'OKP', crv: curve, x: 'A'.repeat(43), d: toBase64url(secretKey) }
  return createPrivateKey({ key: jwk, format: 'jwk' })
}

export function secretKeyFromPkcs8(curve: Curve, secretKey: Uint8Array): KeyObject {
  pkcs8Bytes.set(PKCS8_PREFIX[curve])
  pkcs8Bytes.set(secretKey, PKCS8_PREFIX[curve].length)
  try {
    return createPrivateKey({ key: pkcs8Bytes, format: 'der', type: 'pkcs8' })
  } finally {
    pkcs8Bytes.fill(0)
  }
}

/** Of a key of 32 bytes. Copied, because a view makes V8 move an array this small to memory of its own. */
export function toBase64url(key: Uint8Array): string {
  keyBytes.set(key)
  const text = keyBytes.toString('base64url')
  keyBytes.fill(0)
  return text
}
