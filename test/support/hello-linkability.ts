import { sha256 } from '../../src/crypto/hash.js'
import type { Pair } from './linkability.js'

/** Lengths of the strings of bytes that are looked for in both. */
const STRINGS = [2, 3, 4, 8] as const
const TAG = [4, 20] as const
const ROUTE = [20, 56] as const

function stringsOf(bytes: Uint8Array, length: number): Set<string> {
  const text = Buffer.from(bytes).toString('latin1')
  return new Set(Array.from({ length: text.length - length + 1 }, (_, at) => text.slice(at, at + length)))
}

/** The share of one's strings of a length that are in the other. */
function shared(one: Uint8Array, other: Uint8Array, length: number): number {
  const [strings, among] = [stringsOf(one, length), stringsOf(other, length)]
  return [...strings].filter((string) => among.has(string)).length / strings.size
}

function agreeing(one: Uint8Array, other: Uint8Array, [from, to]: readonly [number, number]): number {
  let bits = 0
  for (let at = from; at < to; at++)
    for (let mask = (one[at] ?? 0) ^ (other[at - from] ?? 0); mask > 0; mask &= mask - 1) bits++
  return 1 - bits / (8 * (to - from))
}

/**
 * What an observer compares of a hello and of what it knows of somebody: all short strings of bytes, the tag and the route with what is known and with
 * its hashes, at every 32 bytes of it, as keys lie.
 */
export function personFeatures({ one: { envelope: hello }, other: { envelope: known } }: Pair): number[] {
  const keys = Array.from({ length: Math.floor(known.length / 4) }, (_, at) =>
    known.subarray(4 * at, 4 * at + 36)
  )
  const hashes = [known, ...keys.map((key) => key.subarray(0, 32))].map((bytes) => sha256(bytes))
  const most = (candidates: readonly Uint8Array[], part: readonly [number, number]): number =>
    Math.max(...candidates.map((candidate) => agreeing(hello, candidate, part)))
  return [
    ...STRINGS.map((length) => shared(hello, known, length)),
    most(keys, TAG),
    most(keys, ROUTE),
    most(hashes, TAG)
  ]
}
