import { sha256OfFourCode, sha2Constants, sha512Code } from './sha2-code.js'
import { wasmModule } from './wasm-code.js'

const INNER_PAD = 0x36
const OUTER_PAD = 0x5c
const SHA512_BLOCK = 128
const SHA512_DIGEST = 64
const NUMBER_BYTES = 4
/** The bit that ends every message, as the first of a word. */
const END_WORD = 0x80000000
const SHA256_BLOCK = 64
const WORD_256 = 4
/** Whole words of a block, without those of the end and the length. */
const MAX_PIECE_BYTES = 52
const LANES = 4

/** Where what lies in memory: addresses. A word of SHA-256 lies there four times, once in each lane. */
const CONSTANTS_512 = 0
const CONSTANTS_256 = 640
const INITIAL_512 = 896
const INITIAL_256 = 960
const INNER_KEY = 1088
const OUTER_KEY = 1216
/** The block of a number, after that of the key. */
const NUMBER = 1344
/** From here on there are secrets. */
const INNER_STATE = 1472
const OUTER_STATE = 1536
const DIGEST_512 = 1600
/** The block of an inner digest, after that of the key. */
const INNER_DIGEST = 1664
/** Its second half is the same for all, as that of a number's block. */
const AFTER_INNER_DIGEST = INNER_DIGEST + SHA512_DIGEST
const MESSAGES_256 = 1792
const DIGESTS_256 = MESSAGES_256 + LANES * SHA256_BLOCK

type Compression = (state: number, block: number, result: number, constants: number) => void

/** Many short hashes at once, in WebAssembly: what takes a call of its own each elsewhere takes a quarter of the time here. */
class ManyHashes {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  readonly #sha512: Compression
  readonly #sha256OfFour: Compression

  constructor(memory: WebAssembly.Memory, sha512: Compression, sha256OfFour: Compression) {
    this.#bytes = new Uint8Array(memory.buffer)
    this.#view = new DataView(memory.buffer)
    this.#sha512 = sha512
    this.#sha256OfFour = sha256OfFour
    this.#prepare()
  }

  #prepare(): void {
    const { rounds, initial } = sha2Constants()
    const upper = (word: bigint): number => Number(word >> 32n)
    for (const [index, word] of rounds.entries()) {
      this.#view.setBigUint64(CONSTANTS_512 + 8 * index, word, true)
    }
    for (const [index, word] of rounds.slice(0, 64).entries()) {
      this.#view.setUint32(CONSTANTS_256 + WORD_256 * index, upper(word), true)
    }
    for (const [index, word] of initial.entries()) {
      this.#view.setBigUint64(INITIAL_512 + 8 * index, word, true)
      this.#setLanes(INITIAL_256, WORD_256 * index, upper(word))
    }
    this.#bytes.fill(INNER_PAD, INNER_KEY, INNER_KEY + SHA512_BLOCK)
    this.#bytes.fill(OUTER_PAD, OUTER_KEY, OUTER_KEY + SHA512_BLOCK)
    this.#view.setUint32(NUMBER, END_WORD, true)
    this.#setBits(NUMBER, SHA512_BLOCK + NUMBER_BYTES)
    this.#view.setUint32(AFTER_INNER_DIGEST + 4, END_WORD, true)
    this.#setBits(INNER_DIGEST, SHA512_BLOCK + SHA512_DIGEST)
  }

  /** The length of a message, at the end of its last block. */
  #setBits(block: number, bytes: number): void {
    this.#view.setUint32(block + SHA512_BLOCK - 8, 8 * bytes, true)
  }

  /** The same word in all lanes; `at` is where it would lie if there were one. */
  #setLanes(words: number, at: number, word: number): void {
    for (let lane = 0; lane < LANES; lane++) {
      this.#view.setUint32(words + LANES * at + WORD_256 * lane, word, true)
    }
  }

  hmacNumbers(key: Uint8Array, from: number, count: number): Uint8Array {
    const authenticated = new Uint8Array(count * SHA512_DIGEST)
    const target = viewOf(authenticated)
    this.#setKey(key)
    for (let index = 0; index < count; index++) {
      this.#view.setUint32(NUMBER + 4, from + index, true)
      this.#sha512(INNER_STATE, NUMBER, INNER_DIGEST, CONSTANTS_512)
      this.#sha512(OUTER_STATE, INNER_DIGEST, DIGEST_512, CONSTANTS_512)
      for (let at = 0; at < SHA512_DIGEST; at += 4) {
        // Of each eight bytes the last four lie first.
        target.setUint32(index * SHA512_DIGEST + at, this.#view.getUint32(DIGEST_512 + (at ^ 4), true))
      }
    }
    this.#bytes.fill(0, INNER_STATE, AFTER_INNER_DIGEST)
    return authenticated
  }

  #setKey(key: Uint8Array): void {
    const bytes = this.#bytes
    for (let index = 0; index < key.length; index++) {
      const byte = key[index] ?? 0
      // Of each eight bytes the last lies first.
      bytes[INNER_KEY + (index ^ 7)] = byte ^ INNER_PAD
      bytes[OUTER_KEY + (index ^ 7)] = byte ^ OUTER_PAD
    }
    this.#sha512(INITIAL_512, INNER_KEY, INNER_STATE, CONSTANTS_512)
    this.#sha512(INITIAL_512, OUTER_KEY, OUTER_STATE, CONSTANTS_512)
    bytes.fill(INNER_PAD, INNER_KEY, INNER_KEY + SHA512_BLOCK)
    bytes.fill(OUTER_PAD, OUTER_KEY, OUTER_KEY + SHA512_BLOCK)
  }

  hashPieces(prefix: Uint8Array, pieces: Uint8Array, size: number, kept: number): Uint8Array {
    const view = this.#view
    const count = pieces.length / size
    const starts = new Uint8Array(count * kept)
    const source = viewOf(pieces)
    const target = viewOf(starts)
    this.#setFrame(viewOf(prefix), size)
    const own = MESSAGES_256 + LANES * prefix.length
    for (let first = 0; first < count; first += LANES) {
      const lanes = Math.min(LANES, count - first)
      for (let lane = 0, from = first * size; lane < lanes; lane++, from += size) {
        const words = own + WORD_256 * lane
        for (let at = 0; at < size; at += WORD_256) {
          view.setUint32(words + LANES * at, source.getUint32(from + at), true)
        }
      }
      this.#sha256OfFour(INITIAL_256, MESSAGES_256, DIGESTS_256, CONSTANTS_256)
      for (let lane = 0, to = first * kept; lane < lanes; lane++, to += kept) {
        const words = DIGESTS_256 + WORD_256 * lane
        for (let at = 0; at < kept; at += WORD_256) {
          target.setUint32(to + at, view.getUint32(words + LANES * at, true))
        }
      }
    }
    this.#bytes.fill(0, MESSAGES_256, DIGESTS_256 + LANES * SHA256_BLOCK)
    return starts
  }

  /** What all messages of one call have in common. */
  #setFrame(prefix: DataView, size: number): void {
    const length = prefix.byteLength + size
    for (let at = 0; at < prefix.byteLength; at += WORD_256) {
      this.#setLanes(MESSAGES_256, at, prefix.getUint32(at))
    }
    this.#setLanes(MESSAGES_256, length, END_WORD)
    this.#setLanes(MESSAGES_256, SHA256_BLOCK - WORD_256, 8 * length)
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function isWhole(bytes: number): boolean {
  return bytes % WORD_256 === 0
}

function isCompression(value: unknown): value is Compression {
  return typeof value === 'function'
}

/** `undefined` where there is no WebAssembly with vectors, or a page's policy forbids it. */
function makeManyHashes(): ManyHashes | undefined {
  try {
    const module = new WebAssembly.Module(wasmModule([sha512Code(), sha256OfFourCode()], 4))
    const { memory, sha512, sha256OfFour } = new WebAssembly.Instance(module).exports
    if (!(memory instanceof WebAssembly.Memory)) return undefined
    if (!isCompression(sha512) || !isCompression(sha256OfFour)) return undefined
    return new ManyHashes(memory, sha512, sha256OfFour)
  } catch {
    return undefined // nothing tells beforehand whether a runtime can
  }
}

/** Compiled at the first use: to be loaded costs nothing. */
class OnDemand {
  #made: { readonly hashes: ManyHashes | undefined } | undefined

  get hashes(): ManyHashes | undefined {
    this.#made ??= { hashes: makeManyHashes() }
    return this.#made.hashes
  }
}

const onDemand = new OnDemand()

/** See `Primitives.hmacNumbers`; `undefined` if the runtime cannot, or the key is longer than a block. */
export function hmacSha512Numbers(key: Uint8Array, from: number, count: number): Uint8Array | undefined {
  return key.length > SHA512_BLOCK ? undefined : onDemand.hashes?.hmacNumbers(key, from, count)
}

/** See `Primitives.hashPieces`; `undefined` if the runtime cannot, a piece does not fit in one block, or something is not of whole words. */
export function sha256Pieces(
  prefix: Uint8Array,
  pieces: Uint8Array,
  size: number,
  kept: number
): Uint8Array | undefined {
  if (prefix.length + size > MAX_PIECE_BYTES) return undefined
  if (!isWhole(prefix.length) || !isWhole(size) || !isWhole(kept)) return undefined
  return onDemand.hashes?.hashPieces(prefix, pieces, size, kept)
}
