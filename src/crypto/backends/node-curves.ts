import {
  createPrivateKey,
  createPublicKey,
  diffieHellman as nativeDiffieHellman,
  type KeyObject,
  sign as nativeSign,
  verify as nativeVerify
} from 'node:crypto'
import { checkedSigningKeys, primeOrderPoint } from './prime-order.js'
import { RecentKeys } from './recent-keys.js'

type Curve = 'X25519' | 'Ed25519'

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
const keyBytes = Buffer.alloc(SECRET_KEY_BYTES)
const ANY_PUBLIC_KEY = toBase64url(new Uint8Array(32))

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
  // OpenSSL derives the public half itself and ignores `x`. JWK because DER takes 13 times as long on Node 20.
  const jwk = { kty: 'OKP', crv: curve, x: ANY_PUBLIC_KEY, d: toBase64url(secretKey) }
  const imported = createPrivateKey({ key: jwk, format: 'jwk' })
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

/** Of a key of 32 bytes. Copied, because a view makes V8 move an array this small to memory of its own. */
function toBase64url(key: Uint8Array): string {
  keyBytes.set(key)
  const text = keyBytes.toString('base64url')
  keyBytes.fill(0)
  return text
}

function plain(buffer: Uint8Array): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength)
}
