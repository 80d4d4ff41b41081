import { chacha20poly1305 } from '@noble/ciphers/chacha.js'
import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { bytesToNumberLE } from '@noble/curves/utils.js'
import { hmac } from '@noble/hashes/hmac.js'
import { scrypt } from '@noble/hashes/scrypt.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js'
import { checkedSigningKeys, decodePoint, type PrimeOrderPoint, primeOrderPoint } from './prime-order.js'
import type { Encapsulation, Primitives } from './primitives.js'

const HASHES = { sha256, sha512 }
const { Point } = ed25519
const SUBGROUP_ORDER = Point.Fn.ORDER
const checkedKeys = checkedSigningKeys<PrimeOrderPoint>()

const TAG_BYTES = 16

/** Pure JavaScript, for every runtime: the @noble packages. */
export const primitives: Primitives = {
  hash(name, parts) {
    const state = HASHES[name].create()
    for (const part of parts) state.update(part)
    return state.digest()
  },

  hmac(name, key, parts) {
    const state = hmac.create(HASHES[name], key)
    for (const part of parts) state.update(part)
    return state.digest()
  },

  hmacNumbers(name, key, from, count) {
    const keyed = hmac.create(HASHES[name], key)
    const authenticated = new Uint8Array(count * keyed.outputLen)
    for (let index = 0; index < count; index++) {
      const number = from + index
      const bytes = Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number)
      authenticated.set(keyed.clone().update(bytes).digest(), index * keyed.outputLen)
    }
    keyed.destroy()
    return authenticated
  },

  hashPieces(name, prefix, pieces, size, kept) {
    const count = pieces.length / size
    const starts = new Uint8Array(count * kept)
    for (let index = 0; index < count; index++) {
      const piece = pieces.subarray(index * size, (index + 1) * size)
      const digest = HASHES[name].create().update(prefix).update(piece).digest()
      starts.set(digest.subarray(0, kept), index * kept)
    }
    return starts
  },

  scrypt: (password, salt, { N, r, p }, length) => scrypt(password, salt, { N, r, p, dkLen: length }),

  seal(key, nonce, plaintext, associatedData, headroom) {
    const sealed = new Uint8Array(headroom + plaintext.length + TAG_BYTES)
    sealed.set(chacha20poly1305(key, nonce, associatedData).encrypt(plaintext), headroom)
    return sealed
  },
  open(key, nonce, sealed, associatedData) {
    try {
      return chacha20poly1305(key, nonce, associatedData).decrypt(sealed)
    } catch {
      return undefined // noble reports a wrong tag only by throwing
    }
  },

  dhPublicKey: (secretKey) => x25519.getPublicKey(secretKey),

  diffieHellman(secretKey, publicKey) {
    try {
      return x25519.getSharedSecret(secretKey, publicKey)
    } catch {
      return undefined // noble reports an all-zero result only by throwing
    }
  },

  signingPublicKey: (secretKey) => ed25519.getPublicKey(secretKey),
  sign: (message, secretKey) => ed25519.sign(message, secretKey),
  verify,

  kemPublicKey: (secretKey) => ml_kem768.keygen(secretKey).publicKey,
  encapsulate,

  decapsulate(ciphertext, secretKey) {
    const expanded = ml_kem768.keygen(secretKey).secretKey
    const sharedSecret = ml_kem768.decapsulate(ciphertext, expanded)
    expanded.fill(0)
    return sharedSecret
  },

  forget() {
    // Only public keys are remembered here.
  }
}

/**
 * The cofactorless equation of RFC 8032 §5.1.7, computed as R′ = [S]B − [h]A and compared as bytes. noble's own
 * `verify` multiplies by the cofactor, so it accepts an R with a torsion component that OpenSSL refuses. With a
 * torsion-free A the comparison also proves R canonical and torsion-free.
 */
function verify(signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  const encodedR = signature.subarray(0, 32)
  const s = bytesToNumberLE(signature.subarray(32))
  if (s >= SUBGROUP_ORDER) return false
  const known = checkedKeys.get(publicKey)
  const a = known ?? decodePoint(publicKey)
  if (a === undefined) return false
  const digest = sha512.create().update(encodedR).update(publicKey).update(message).digest()
  const h = bytesToNumberLE(digest) % SUBGROUP_ORDER
  const expectedR = Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(h)).toBytes()
  if (!expectedR.every((byte, index) => byte === encodedR[index])) return false
  if (known !== undefined) return true
  // Last, because it is the costliest and a stranger's random bytes never come this far.
  const checked = primeOrderPoint(publicKey)
  if (checked === undefined) return false
  checkedKeys.put(publicKey, checked)
  return true
}

function encapsulate(publicKey: Uint8Array, m: Uint8Array): Encapsulation | undefined {
  try {
    const { cipherText, sharedSecret } = ml_kem768.encapsulate(publicKey, m)
    return { ciphertext: cipherText, sharedSecret: sharedSecret.slice() }
  } catch {
    return undefined // noble reports a failed modulus check only by throwing
  }
}
