import type { SeededRandom } from '../../src/network/seeded-random.js'
import { joined } from '../support/protocol-values.js'

/** Values at which lengths, counts and clocks change their meaning. */
const EDGES = [
  0, 1, 2, 0x3f, 0x40, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff, 0x8000_0000,
  0xffff_ffff
]
const WIDTHS = [1, 2, 4, 8]
const MOST_CHANGES = 4
const MOST_INSERTED = 64

/** A whole number in [0, end). */
export function below(random: SeededRandom, end: number): number {
  return Math.floor(random.number() * end)
}

/** One of several; an empty list is the caller's mistake. */
export function pick<T>(random: SeededRandom, values: readonly T[]): T {
  const value = values[below(random, values.length)]
  if (value === undefined) throw new RangeError('Nothing to choose from')
  return value
}

type Change = (input: Uint8Array, pool: readonly Uint8Array[], random: SeededRandom) => Uint8Array

function range(input: Uint8Array, random: SeededRandom): readonly [from: number, to: number] {
  const from = below(random, input.length + 1)
  return [from, Math.min(input.length, from + 1 + below(random, MOST_INSERTED))]
}

/** The bytes with `value` in place of what lies there, as far as there is room. */
function overwritten(input: Uint8Array, at: number, value: Uint8Array): Uint8Array {
  const changed = input.slice()
  changed.set(value.subarray(0, Math.max(0, changed.length - at)), at)
  return changed
}

function bigEndian(value: number, width: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setUint32(0, Math.floor(value / 0x1_0000_0000))
  view.setUint32(4, value)
  return bytes.subarray(8 - width)
}

/**
 * Longer or shorter content behind a length that still fits it: one that is 16 bits wide, as in our own formats, or one byte, as most in
 * protobuf are. Where no such length lies, any other bytes are taken for one.
 */
function resized(input: Uint8Array, width: 1 | 2, random: SeededRandom): Uint8Array {
  const at = below(random, Math.max(1, input.length - width))
  const length = width === 1 ? (input[at] ?? 0) & 0x7f : ((input[at] ?? 0) << 8) | (input[at + 1] ?? 0)
  const begin = at + width
  const end = Math.min(input.length, begin + length)
  const [from, to] = range(input.subarray(begin, end), random)
  const content = joined(
    input.subarray(begin, begin + from),
    random.chance(0.5) ? random.bytes(below(random, MOST_INSERTED)) : new Uint8Array(0),
    input.subarray(begin + to, end)
  )
  return joined(input.subarray(0, at), bigEndian(content.length, width), content, input.subarray(end))
}

const CHANGES: readonly Change[] = [
  (input, _, random) => {
    const at = below(random, input.length)
    return overwritten(input, at, Uint8Array.of((input[at] ?? 0) ^ (1 << below(random, 8))))
  },
  (input, _, random) => overwritten(input, below(random, input.length), random.bytes(1)),
  (input, _, random) =>
    overwritten(
      input,
      below(random, input.length),
      bigEndian(pick(random, EDGES) * (random.chance(0.1) ? 0x20_0001 : 1), pick(random, WIDTHS))
    ),
  (input, _, random) => {
    const at = below(random, input.length)
    return overwritten(input, at, Uint8Array.of((input[at] ?? 0) + below(random, 9) - 4))
  },
  (input, _, random) => {
    const [at] = range(input, random)
    return joined(input.subarray(0, at), random.bytes(1 + below(random, MOST_INSERTED)), input.subarray(at))
  },
  (input, _, random) => {
    const [from, to] = range(input, random)
    return joined(input.subarray(0, from), input.subarray(to))
  },
  (input, _, random) => {
    const [from, to] = range(input, random)
    return joined(input.subarray(0, to), input.subarray(from))
  },
  (input, pool, random) => {
    const [from, to] = range(pick(random, pool), random)
    return overwritten(input, below(random, input.length), pick(random, pool).subarray(from, to))
  },
  (input, pool, random) => {
    const other = pick(random, pool)
    return joined(
      input.subarray(0, below(random, input.length + 1)),
      other.subarray(below(random, other.length + 1))
    )
  },
  (input, _, random) => input.slice(0, below(random, input.length + 1)),
  (input, _, random) => resized(input, 1, random),
  (input, _, random) => resized(input, 2, random)
]

/** What an attacker who knows the formats makes of valid bytes, and of others in the pool: a few changes, one after the other. */
export function mutate(
  input: Uint8Array,
  pool: readonly Uint8Array[],
  random: SeededRandom,
  maxLength: number
): Uint8Array {
  let mutated = input
  for (let change = 1 + below(random, MOST_CHANGES); change > 0; change--) {
    mutated = pick(random, CHANGES)(mutated, pool, random)
  }
  return mutated.length > maxLength ? mutated.slice(0, maxLength) : mutated
}
