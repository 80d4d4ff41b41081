import { createHash, randomInt } from 'node:crypto'
import type { RandomSource } from '../../src/crypto/random.js'

/** Repeatable bytes: SHA-256 of the seed and a counter. */
export function seededRandom(seed: number | string): RandomSource {
  let counter = 0
  return (length) => {
    const blocks: Uint8Array[] = []
    for (let got = 0; got < length; got += 32) {
      blocks.push(
        createHash('sha256')
          .update(`${String(seed)}/${String(counter++)}`)
          .digest()
      )
    }
    return Uint8Array.from(Buffer.concat(blocks).subarray(0, length))
  }
}

/** A seed for this run, to be put in the titles or messages of what it drives. */
export function freshSeed(): number {
  return randomInt(2 ** 31)
}
