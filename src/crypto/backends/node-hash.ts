import { createHash, createHmac, hash as oneShot } from 'node:crypto'
import type { HashName } from './primitives.js'

/** Longest input assembled for a one-shot call: a few packets; longer input streams, where call overhead is no matter. */
const SCRATCH_BYTES = 4096
/** Longest input whose view on the memory is kept: to make one takes a tenth of an HMAC. */
const KEPT_VIEW_BYTES = 256
const INNER_PAD = 0x36
const OUTER_PAD = 0x5c
const EMPTY = new Uint8Array(0)

/**
 * HMAC as two one-shot hashes (RFC 2104 §2): 0.85 µs where `createHmac` takes 1.9 µs on Node 20 and 11 µs on Node 24. Input is put together in
 * memory that is kept, in which nothing is left when a call is over.
 */
class OneShotHmac {
  readonly #name: HashName
  readonly #block: number
  /** The inner pad, then room for a message. */
  readonly #inner: Uint8Array
  /** The outer pad, then the inner digest. */
  readonly #outer: Uint8Array
  /** The inner pad with a message, by where that ends. */
  readonly #views: readonly Uint8Array[]

  constructor(name: HashName, block: number, digest: number) {
    const inner = new Uint8Array(SCRATCH_BYTES).fill(INNER_PAD, 0, block)
    this.#name = name
    this.#block = block
    this.#inner = inner
    this.#outer = new Uint8Array(block + digest).fill(OUTER_PAD, 0, block)
    this.#views = Array.from({ length: KEPT_VIEW_BYTES + 1 }, (_, end) => inner.subarray(0, end))
  }

  /** Whether parts of this length together are not too long. */
  takes(length: number): boolean {
    return this.#block + length <= SCRATCH_BYTES
  }

  /** Puts a key of at most a block into the pads. */
  setKey(key: Uint8Array): void {
    for (let index = 0; index < key.length; index++) {
      const byte = key[index] ?? 0
      this.#inner[index] = byte ^ INNER_PAD
      this.#outer[index] = byte ^ OUTER_PAD
    }
  }

  /** Removes a key of this length. */
  clearKey(length: number): void {
    this.#inner.fill(INNER_PAD, 0, length)
    this.#outer.fill(OUTER_PAD, 0, length)
  }

  /** The HMAC of the concatenated parts, written to `target`. */
  write(parts: readonly Uint8Array[], target: Uint8Array): void {
    const inner = this.#inner
    const end = gather(inner, parts, this.#block)
    writeBinary(
      oneShot(this.#name, this.#views[end] ?? inner.subarray(0, end), 'binary'),
      this.#outer,
      this.#block
    )
    inner.fill(0, this.#block, end)
    writeBinary(oneShot(this.#name, this.#outer, 'binary'), target, 0)
    this.#outer.fill(0, this.#block)
  }
}

const BLOCK_BYTES = { sha256: 64, sha512: 128 } as const
const DIGEST_BYTES = { sha256: 32, sha512: 64 } as const
const ONE_SHOT = {
  sha256: new OneShotHmac('sha256', BLOCK_BYTES.sha256, DIGEST_BYTES.sha256),
  sha512: new OneShotHmac('sha512', BLOCK_BYTES.sha512, DIGEST_BYTES.sha512)
} as const

const scratch = new Uint8Array(SCRATCH_BYTES)

/** See `Primitives.hash`. */
export function hash(name: HashName, parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length <= 1) return digestOf(name, parts[0] ?? EMPTY)
  if (lengthOf(parts) > SCRATCH_BYTES) return streamed(createHash(name), parts)
  const end = gather(scratch, parts, 0)
  const digest = digestOf(name, scratch.subarray(0, end))
  scratch.fill(0, 0, end)
  return digest
}

/** See `Primitives.hmac`. */
export function hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const oneShotHmac = ONE_SHOT[name]
  if (!oneShotHmac.takes(lengthOf(parts))) return streamed(createHmac(name, key), parts)
  const short = key.length > BLOCK_BYTES[name] ? digestOf(name, key) : key
  const authenticated = new Uint8Array(DIGEST_BYTES[name])
  oneShotHmac.setKey(short)
  oneShotHmac.write(parts, authenticated)
  oneShotHmac.clearKey(short.length)
  return authenticated
}

// A digest costs 0.3 µs as a binary string copied into a fresh array, and 0.8 µs as a Buffer with its own memory.
function digestOf(name: HashName, message: Uint8Array): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES[name])
  writeBinary(oneShot(name, message, 'binary'), digest, 0)
  return digest
}

function writeBinary(text: string, target: Uint8Array, offset: number): void {
  for (let index = 0; index < text.length; index++) target[offset + index] = text.charCodeAt(index)
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0
  for (const part of parts) length += part.length
  return length
}

/** Copies the parts into `target` from `offset` on; returns their end. */
function gather(target: Uint8Array, parts: readonly Uint8Array[], offset: number): number {
  let end = offset
  for (const part of parts) {
    target.set(part, end)
    end += part.length
  }
  return end
}

interface Streaming {
  update(part: Uint8Array): unknown
  digest(): Uint8Array
}

function streamed(state: Streaming, parts: readonly Uint8Array[]): Uint8Array {
  for (const part of parts) state.update(part)
  const digest = state.digest()
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.byteLength)
}
