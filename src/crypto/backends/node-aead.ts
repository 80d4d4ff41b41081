import * as nodeCrypto from 'node:crypto'
import { createCipheriv, createDecipheriv, createSecretKey, getCiphers, type KeyObject } from 'node:crypto'
import { primitives as portable } from './noble.js'
import type { Primitives } from './primitives.js'

const ALGORITHM = 'chacha20-poly1305'
const KEY_BYTES = 32
const TAG_BYTES = 16
const OPTIONS = { authTagLength: TAG_BYTES }

// A Node new enough to have a KEM (24.7) takes 14 µs to seal with raw key bytes and 5 µs with a KeyObject; Node 20
// and 22 take 3.6 µs and 5 µs.
const WANTS_KEY_OBJECT = 'decapsulate' in nodeCrypto

/** Longest array that V8 keeps among its objects. To give one to node:crypto moves it to memory of its own, which takes longer than a hash. */
const SHORT_BYTES = 64

/** Memory outside V8's heap that short input is copied to, so that none is moved. */
class Outside {
  readonly #views: readonly Uint8Array[]

  constructor() {
    const memory = new ArrayBuffer(SHORT_BYTES)
    this.#views = Array.from({ length: SHORT_BYTES + 1 }, (_, length) => new Uint8Array(memory, 0, length))
  }

  /** The same bytes, good until the next call. */
  place(bytes: Uint8Array): Uint8Array {
    const view = this.#views[bytes.length]
    if (view === undefined) return bytes
    view.set(bytes)
    return view
  }

  /** Removes what was placed last, of this length. */
  clear(length: number): void {
    this.#views[length]?.fill(0)
  }
}

const outsideKey = new Outside()
const outsideNonce = new Outside()
const outsideText = new Outside()
const outsideData = new Outside()

/** ChaCha20-Poly1305 from node:crypto, or from @noble where a runtime's node:crypto lacks it (Bun). */
export const aead: Pick<Primitives, 'seal' | 'open'> = getCiphers().includes(ALGORITHM)
  ? { seal, open }
  : { seal: portable.seal, open: portable.open }

function seal(
  key: Uint8Array,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  associatedData: Uint8Array,
  headroom: number
): Uint8Array {
  const cipher = createCipheriv(ALGORITHM, cipherKey(key), outsideNonce.place(nonce), OPTIONS)
  outsideKey.clear(KEY_BYTES)
  if (associatedData.length > 0)
    cipher.setAAD(outsideData.place(associatedData), { plaintextLength: plaintext.length })
  const sealed = new Uint8Array(headroom + plaintext.length + TAG_BYTES)
  sealed.set(cipher.update(outsideText.place(plaintext)), headroom)
  outsideText.clear(plaintext.length)
  cipher.final()
  sealed.set(cipher.getAuthTag(), headroom + plaintext.length)
  return sealed
}

function open(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associatedData: Uint8Array
): Uint8Array | undefined {
  const length = sealed.length - TAG_BYTES
  const decipher = createDecipheriv(ALGORITHM, cipherKey(key), outsideNonce.place(nonce), OPTIONS)
  outsideKey.clear(KEY_BYTES)
  if (associatedData.length > 0)
    decipher.setAAD(outsideData.place(associatedData), { plaintextLength: length })
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
  const placed = outsideKey.place(key)
  return WANTS_KEY_OBJECT ? createSecretKey(placed) : placed
}
