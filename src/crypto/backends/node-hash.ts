import { createHash, createHmac, hash as oneShot } from 'node:crypto'
import type { HashName } from './primitives.js'

/** Longest input assembled for a one-shot call: a few packets; longer input streams, where call overhead is no matter. */
const SCRATCH_BYTES = 4096
const BLOCK_BYTES = { sha256: 64, sha512: 128 } as const
const DIGEST_BYTES = { sha256: 32, sha512: 64 } as const
const INNER_PAD = 0x36363636
/** What turns the inner pad into the outer one, 0x5c. */
const INNER_TO_OUTER_PAD = 0x6a6a6a6a

const scratch = new Uint8Array(SCRATCH_BYTES)
const scratchWords = new Uint32Array(scratch.buffer)
const EMPTY = new Uint8Array(0)

/** See `Primitives.hash`. */
export function hash(name: HashName, parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length <= 1) return digestOf(name, parts[0] ?? EMPTY)
  const end = gather(parts, 0)
  if (end === undefined) return streamed(createHash(name), parts)
  const digest = digestOf(name, scratch.subarray(0, end))
  scratch.fill(0, 0, end)
  return digest
}

/**
 * See `Primitives.hmac`. HMAC as two one-shot hashes (RFC 2104 §2): 0.9 µs where `createHmac` takes 1.9 µs on Node
 * 20 and 11 µs on Node 24.
 */
export function hmac(name: HashName, key: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
  const block = BLOCK_BYTES[name]
  const end = gather(parts, block)
  if (end === undefined) return streamed(createHmac(name, key), parts)
  const padded = key.length > block ? digestOf(name, key) : key
  scratch.set(padded)
  scratch.fill(0, padded.length, block)
  applyPad(block, INNER_PAD)
  const inner = oneShot(name, scratch.subarray(0, end), 'binary')
  applyPad(block, INNER_TO_OUTER_PAD)
  writeBinary(inner, scratch, block)
  const digest = digestOf(name, scratch.subarray(0, block + DIGEST_BYTES[name]))
  scratch.fill(0, 0, Math.max(end, block + DIGEST_BYTES[name]))
  return digest
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

function applyPad(block: number, pad: number): void {
  for (let word = 0; word < block / 4; word++) scratchWords[word] = (scratchWords[word] ?? 0) ^ pad
}

/** Copies the parts into the scratch memory from `offset` on; returns their end, `undefined` where they do not fit. */
function gather(parts: readonly Uint8Array[], offset: number): number | undefined {
  let length = offset
  for (const part of parts) length += part.length
  if (length > SCRATCH_BYTES) return undefined
  let end = offset
  for (const part of parts) {
    scratch.set(part, end)
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
