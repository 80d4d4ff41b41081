import { encodeHex } from '../codec/hex.js'
import { sha256 } from '../crypto/hash.js'

/** Characters of lines that are hashed together. */
const CHUNK = 65_536

const encoder = new TextEncoder()

/** Everything that happened in a run, in order, of which only a hash is kept: two runs with the same hash were the same run. */
export class EventLog {
  #lines: string[] = []
  #length = 0
  #hash: Uint8Array = new Uint8Array(0)

  add(line: string): void {
    this.#lines.push(line)
    this.#length += line.length + 1
    if (this.#length >= CHUNK) this.#fold()
  }

  /** SHA-256 over everything so far, as hexadecimal digits. */
  digest(): string {
    return encodeHex(this.#folded())
  }

  #folded(): Uint8Array {
    return sha256(this.#hash, encoder.encode(this.#lines.join('\n')))
  }

  #fold(): void {
    this.#hash = this.#folded()
    this.#lines = []
    this.#length = 0
  }
}
