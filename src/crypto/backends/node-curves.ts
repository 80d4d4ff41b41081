import {
  createPublicKey,
  diffieHellman as nativeDiffieHellman,
  type KeyObject,
  sign as nativeSign,
  verify as nativeVerify
} from 'node:crypto'
import { checkedSigningKeys, primeOrderPoint } from './prime-order.js'
import { importSecretKey, toBase64url, type Curve } from './node-secret-keys.js'
import { RecentKeys } from './recent-keys.js'

/**
 * Keys kept imported, per curve. An import costs as much as the operation it serves (25 µs for a secret key, 5 to
 * 20 µs for a public one), and a ratchet uses each key several times within moments. `wipe` removes a secret key at
 * once, and this many newer ones remove it in any case.
 */
export const MAX_RECENT_KEYS = 64

const SECRET_KEY_BYTES = 32
const recentSecretKeys = {
  X25519: new RecentKeys<KeyObject>(MAX_RECENT_KEYS),
  Ed25519: new RecentKeys<KeyObject>(MAX_RECENT_KEYS)
}
const recentPublicKeys = new RecentKeys<KeyObject>(MAX_RECENT_KEYS)
const checkedKeys = checkedSigningKeys<KeyObject>()

/** See `Primitives.dhPublicKey`. */
export function dhPublicKey(secretKey: Uint8Array): Uint8Array {
  return publicKeyOf(secretKeyObject('X25519', secretKey))
}

/** See `Primitives.diffieHellman`. */
export function diffieHellman(secretKey: Uint8Array, publicKey: Uint8Array): Uint8Array | undefined {
  const keys = {
    privateKey: secretKeyObject('X25519', secretKey),
    publicKey: recentPublicKey(publicKey)
  }
  try {
    return plain(nativeDiffieHellman(keys))
  } catch {
    return undefined // OpenSSL refuses to derive an all-zero secret (RFC 7748 §6.1) and says so only by throwing
  }
}

/** See `Primitives.signingPublicKey`. */
export function signingPublicKey(secretKey: Uint8Array): Uint8Array {
  return publicKeyOf(secretKeyObject('Ed25519', secretKey))
}

/** See `Primitives.sign`. */
export function sign(message: Uint8Array, secretKey: Uint8Array): Uint8Array {
  return plain(nativeSign(null, message, secretKeyObject('Ed25519', secretKey)))
}

/**
 * See `Primitives.verify`. OpenSSL compares R′ = [S]B − [h]A with R as bytes and refuses S ≥ L, but takes any A:
 * with A checked, its answer is the strict one.
 */
export function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const known = checkedKeys.get(publicKey)
  const key = known ?? publicKeyObject('Ed25519', publicKey)
  if (!nativeVerify(null, message, key, signature)) return false
  if (known !== undefined) return true
  // Last, because it is the costliest and a stranger's random bytes never come this far.
  if (primeOrderPoint(publicKey) === undefined) return false
  checkedKeys.put(publicKey, key)
  return true
}

/** See `Primitives.forget`. */
export function forget(secretKey: Uint8Array): void {
  if (secretKey.length !== SECRET_KEY_BYTES) return
  recentSecretKeys.X25519.delete(secretKey)
  recentSecretKeys.Ed25519.delete(secretKey)
}

function secretKeyObject(curve: Curve, secretKey: Uint8Array): KeyObject {
  const recent = recentSecretKeys[curve]
  const known = recent.get(secretKey)
  if (known !== undefined) return known
  const imported = importSecretKey(curve, secretKey)
  recent.put(secretKey, imported)
  return imported
}

function recentPublicKey(publicKey: Uint8Array): KeyObject {
  const known = recentPublicKeys.get(publicKey)
  if (known !== undefined) return known
  const imported = publicKeyObject('X25519', publicKey)
  recentPublicKeys.put(publicKey, imported)
  return imported
}

function publicKeyObject(curve: Curve, publicKey: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: curve, x: toBase64url(publicKey) }, format: 'jwk' })
}

function publicKeyOf(secretKey: KeyObject): Uint8Array {
  const { x } = secretKey.export({ format: 'jwk' })
  return new Uint8Array(Buffer.from(x ?? '', 'base64url'))
}

function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
