/**
 * A bounded reader of binary formats. It never throws: reading past the end makes it `failed` and every later read
 * returns zeros or empty bytes, so a decoder reads all its fields and checks once, with `finished()`.
 */
export class Reader {
  readonly #bytes: Uint8Array
  #offset = 0
  #failed = false

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Whether a read went past the end or a length was over its bound. */
  get failed(): boolean {
    return this.#failed
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset
  }

  /** Whether everything was read, without a failure. */
  finished(): boolean {
    return !this.#failed && this.remaining === 0
  }

  u8(): number {
    return this.#take(1) ? this.#byte(1) : 0
  }

  u16(): number {
    return this.#take(2) ? (this.#byte(2) << 8) | this.#byte(1) : 0
  }

  u32(): number {
    if (!this.#take(4)) return 0
    return ((this.#byte(4) << 24) | (this.#byte(3) << 16) | (this.#byte(2) << 8) | this.#byte(1)) >>> 0
  }

  /** An unsigned 64-bit integer up to 2^53 - 1; a larger one is a failure. */
  u64(): number {
    const high = this.u32()
    const low = this.u32()
    if (high > 0x1fffff) this.#failed = true
    return this.#failed ? 0 : high * 0x1_0000_0000 + low
  }

  /** An unsigned integer of 7 bits a byte, the lowest first, at most 2^28 - 1 in 4 bytes; a longer or padded one is a failure. */
  varint(): number {
    let value = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.u8()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) this.#failed = true
        return this.#failed ? 0 : value
      }
    }
    this.#failed = true
    return 0
  }

  /** The next `length` bytes: a view, not a copy. */
  bytes(length: number): Uint8Array {
    return this.#take(length) ? this.#bytes.subarray(this.#offset - length, this.#offset) : new Uint8Array(0)
  }

  /** Bytes with a 16-bit length before them, at most `max` of them. */
  prefixed(max: number): Uint8Array {
    const length = this.u16()
    if (length > max) this.#failed = true
    return this.#failed ? new Uint8Array(0) : this.bytes(length)
  }

  /** Everything left. */
  rest(): Uint8Array {
    return this.bytes(this.#failed ? 0 : this.remaining)
  }

  /** The byte so far before what comes next. */
  #byte(back: number): number {
    return this.#bytes[this.#offset - back] ?? 0
  }

  #take(length: number): boolean {
    if (this.#failed || length > this.remaining) {
      this.#failed = true
      return false
    }
    this.#offset += length
    return true
  }
}
