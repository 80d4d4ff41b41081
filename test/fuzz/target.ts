import type { SeededRandom } from '../../src/network/seeded-random.js'

/** One decoder, or something larger that takes in bytes of strangers, with what it promises. */
export interface FuzzTarget {
  readonly name: string
  /** How many of all inputs it gets, beside the others: cheap ones more. */
  readonly weight: number
  /** Valid inputs to begin with. */
  readonly samples: readonly Uint8Array[]
  /** Longest input, bytes. */
  readonly maxLength: number
  /** Bytes one input may allocate; absent where what it causes is no matter of its own. */
  readonly maxAllocation?: number
  /** Put right what would stop a mutated input at the door: a signature, a checksum. */
  mend?(input: Uint8Array, random: SeededRandom): Uint8Array
  /** What came of an input, in a few words that are the same for inputs of one kind. Throws if a promise was broken. */
  run(input: Uint8Array): string | Promise<string>
  /** After the last input: what must still work then. */
  end?(): Promise<void>
}

/** Allocation that no single input of a decoder needs: far above the largest input, far below what would hurt. */
export const DECODER_ALLOCATION = 4 * 1024 * 1024

/** Fails unless a promise held. */
export function promise(held: boolean, what: string): void {
  if (!held) throw new Error(`Broken promise: ${what}`)
}

/** Fails unless both are the same bytes. */
export function promiseSame(one: Uint8Array, other: Uint8Array, what: string): void {
  promise(Buffer.compare(one, other) === 0, what)
}

/** A count as the power of two that it reaches, so that outcomes stay few. */
export function scaleOf(count: number): string {
  return count < 3 ? String(count) : `${String(2 ** Math.floor(Math.log2(count)))}+`
}
