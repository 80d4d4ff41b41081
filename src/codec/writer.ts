const INITIAL_CAPACITY = 256
/** Most bytes that fit a 16-bit length. */
const MAX_PREFIXED = 0xffff

const encoder = new TextEncoder()

/** Builds a binary format: big-endian integers, fixed bytes and length-prefixed bytes. */
export class Writer {
  #bytes: Uint8Array
  #length = 0

  constructor(capacity = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity)
  }

  u8(value: number): this {
    const offset = this.#grow(1)
    this.#bytes[offset] = value
    return this
  }

  u16(value: number): this {
    const offset = this.#grow(2)
    this.#bytes[offset] = value >>> 8
    this.#bytes[offset + 1] = value
    return this
  }

  u32(value: number): this {
    const offset = this.#grow(4)
    this.#bytes[offset] = value >>> 24
    this.#bytes[offset + 1] = value >>> 16
    this.#bytes[offset + 2] = value >>> 8
    this.#bytes[offset + 3] = value
    return this
  }

  /** An unsigned 64-bit integer, `value` a safe integer. */
  u64(value: number): this {
    this.u32(Math.floor(value / 0x1_0000_0000))
    return this.u32(value % 0x1_0000_0000)
  }

  /** An unsigned integer below 2^28, 7 bits a byte, the lowest first. */
  varint(value: number): this {
    let rest = value
    for (; rest >= 0x80; rest >>>= 7) this.u8((rest & 0x7f) | 0x80)
    return this.u8(rest)
  }

  bytes(value: Uint8Array): this {
    const offset = this.#grow(value.length)
    this.#bytes.set(value, offset)
    return this
  }

  /** Bytes after their 16-bit length; longer ones are the caller's mistake. */
  prefixed(value: Uint8Array): this {
    if (value.length > MAX_PREFIXED)
      throw new RangeError(`${String(value.length)} bytes do not fit a 16-bit length`)
    return this.u16(value.length).bytes(value)
  }

  /** Bytes after their 32-bit length. */
  long(value: Uint8Array): this {
    return this.u32(value.length).bytes(value)
  }

  /** UTF-8 after its 32-bit length. */
  text(value: string): this {
    const before = this.#length
    return this.u32(value.length).#ascii(value, before) ?? this.long(encoder.encode(value))
  }

  /** UTF-8 after its 16-bit length; longer text is the caller's mistake. */
  prefixedText(value: string): this {
    const before = this.#length
    return this.u16(value.length).#ascii(value, before) ?? this.prefixed(encoder.encode(value))
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** What was written: a view on the writer's buffer, which must not be written to afterwards. */
  finish(): Uint8Array {
    return this.#length === this.#bytes.length ? this.#bytes : this.#bytes.subarray(0, this.#length)
  }

  /** What was written, in memory of its own; the writer is empty then, and nothing of it is left in its buffer. */
  take(): Uint8Array {
    const taken = this.#bytes.slice(0, this.#length)
    this.clear()
    return taken
  }

  /** Forgets what was written. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#length)
    this.#length = 0
  }

  /** Writes text that is one byte for each of its units, and short; else goes back to `before` and gives `undefined`. */
  #ascii(value: string, before: number): this | undefined {
    const offset = this.#grow(value.length)
    const { read } = encoder.encodeInto(value, this.#bytes.subarray(offset, offset + value.length))
    if (read === value.length && value.length <= MAX_PREFIXED) return this
    this.#length = before
    return undefined
  }

  #enlarge(end: number): void {
    const larger = new Uint8Array(Math.max(end, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#length))
    this.#bytes = larger
  }

  /** Make room and return where it begins. Called before the buffer is used: growing replaces it. */
  #grow(length: number): number {
    const offset = this.#length
    const end = offset + length
    if (end > this.#bytes.length) this.#enlarge(end)
    this.#length = end
    return offset
  }
}
