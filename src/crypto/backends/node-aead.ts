import { createCipheriv, createDecipheriv, createSecretKey, getCiphers, type KeyObject } from 'node:crypto'
import { primitives as portable } from './noble.js'
import type { Primitives } from './primitives.js'

const ALGORITHM = 'chacha20-poly1305'
const TAG_BYTES = 16
const OPTIONS = { authTagLength: TAG_BYTES }

// Node 24 takes 10 µs to accept raw key bytes for a cipher and 2 µs for a KeyObject; before, raw bytes were faster.
const WANTS_KEY_OBJECT = Number.parseInt(process.versions.node, 10) >= 23

/** ChaCha20-Poly1305 from node:crypto, or from @noble where a runtime's node:crypto lacks it (Bun). */
export const aead: Pick<Primitives, 'seal' | 'open'> = getCiphers().includes(ALGORITHM)
  ? { seal, open }
  : { seal: portable.seal, open: portable.open }

function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array
): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, cipherKey(key), nonce, OPTIONS)
  if (associatedData.length > 0) cipher.setAAD(associatedData, { plaintextLength: plaintext.length })
  const sealed = new Uint8Array(plaintext.length + TAG_BYTES)
  sealed.set(cipher.update(plaintext))
  cipher.final()
  sealed.set(cipher.getAuthTag(), plaintext.length)
  return sealed
}

function open(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array
): Uint8Array | undefined {
  const length = sealed.length - TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, cipherKey(key), nonce, OPTIONS)
  if (associatedData.length > 0) decipher.setAAD(associatedData, { plaintextLength: length })
  decipher.setAuthTag(sealed.subarray(length))
  const plaintext = decipher.update(sealed.subarray(0, length))
  try {
    decipher.final()
  } catch {
    return undefined // node:crypto reports a wrong tag only by throwing
  }
  return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength)
}

function cipherKey(key: Uint8Array): Uint8Array | KeyObject {
  return WANTS_KEY_OBJECT ? createSecretKey(key) : key
}
