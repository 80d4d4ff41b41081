import { sha256 } from '../crypto/hash.js'
import type { RandomSource } from '../crypto/random.js'

const encoder = new TextEncoder()

/** Repeatable bytes, SHA-256 of the seed and a counter: two seeds never meet, as short ones of other generators may. */
export function seededSource(seed: number | string): RandomSource {
  let counter = 0
  let block: Uint8Array = new Uint8Array(0)
  return (length) => {
    const bytes = new Uint8Array(length)
    for (let filled = 0; filled < length;) {
      if (block.length === 0) block = sha256(encoder.encode(`${String(seed)}/${String(counter++)}`))
      const part = block.subarray(0, length - filled)
      bytes.set(part, filled)
      block = block.subarray(part.length)
      filled += part.length
    }
    return bytes
  }
}
