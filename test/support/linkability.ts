import { createSeededRandom } from '../../src/network/seeded-random.js'
import type { Published } from '../../src/simulator/world.js'

/** Two envelopes and whether they belong together, by what a question means by that. */
export interface Pair {
  readonly one: Published
  readonly other: Published
  readonly linked: boolean
}

const TAG = [4, 20] as const
const NONCE = [20, 32] as const
const HEADER = [32, 91] as const

function same([from, to]: readonly [number, number], one: Uint8Array, other: Uint8Array): number {
  let count = 0
  for (let at = from; at < to; at++) if (one[at] === other[at]) count++
  return count / (to - from)
}

function bits([from, to]: readonly [number, number], one: Uint8Array, other: Uint8Array): number {
  let count = 0
  for (let at = from; at < to; at++) {
    for (let mask = (one[at] ?? 0) ^ (other[at] ?? 0); mask > 0; mask &= mask - 1) count++
  }
  return count / (8 * (to - from))
}

/** 1 if two numbers at `at` are within 256 of each other, as those of a counter would be. */
function near(at: number, one: Uint8Array, other: Uint8Array): number {
  const read = (bytes: Uint8Array): number => new DataView(bytes.buffer, bytes.byteOffset).getUint32(at)
  return Math.abs(read(one) - read(other)) < 256 ? 1 : 0
}

/** What an observer compares of two envelopes: tag, nonce, sealed header, day, size. */
export function contentFeatures({ one: { envelope: one }, other: { envelope: other } }: Pair): number[] {
  return [
    same(TAG, one, other),
    bits(TAG, one, other),
    same([TAG[0], TAG[0] + 2], one, other),
    same(NONCE, one, other),
    bits(NONCE, one, other),
    near(NONCE[0], one, other),
    near(NONCE[1] - 4, one, other),
    same(HEADER, one, other),
    bits(HEADER, one, other),
    same([2, 4], one, other),
    one.length === other.length ? 1 : 0
  ]
}

/** The same, and when they were first published. */
export function timedFeatures(pair: Pair): number[] {
  const gap = Math.abs(pair.other.at - pair.one.at)
  return [...contentFeatures(pair), gap < 50 ? 1 : 0, gap < 200 ? 1 : 0, Math.log1p(gap) / 10]
}

type Features = (pair: Pair) => number[]

/** Logistic regression on standardised features: gradient descent, 300 rounds. Answers how many of `tests` it gets right. */
export function learnedAccuracy(
  training: readonly Pair[],
  tests: readonly Pair[],
  features: Features
): number {
  const rows = training.map(features)
  const width = rows[0]?.length ?? 0
  const mean = Array.from(
    { length: width },
    (_, at) => rows.reduce((sum, row) => sum + (row[at] ?? 0), 0) / rows.length
  )
  const deviation = mean.map(
    (middle, at) =>
      Math.sqrt(rows.reduce((sum, row) => sum + ((row[at] ?? 0) - middle) ** 2, 0) / rows.length) || 1
  )
  const scaled = (row: readonly number[]): number[] =>
    row.map((value, at) => (value - (mean[at] ?? 0)) / (deviation[at] ?? 1))
  const inputs = rows.map(scaled)
  const weights = new Array<number>(width + 1).fill(0)
  const score = (row: readonly number[]): number =>
    row.reduce((sum, value, at) => sum + value * (weights[at] ?? 0), weights[width] ?? 0)
  for (let round = 0; round < 300; round++) {
    const gradient = new Array<number>(width + 1).fill(0)
    for (const [index, row] of inputs.entries()) {
      const error = (training[index]?.linked === true ? 1 : 0) - 1 / (1 + Math.exp(-score(row)))
      for (let at = 0; at < width; at++) gradient[at] = (gradient[at] ?? 0) + error * (row[at] ?? 0)
      gradient[width] = (gradient[width] ?? 0) + error
    }
    for (let at = 0; at <= width; at++)
      weights[at] = (weights[at] ?? 0) + (0.5 * (gradient[at] ?? 0)) / inputs.length
  }
  const right = tests.filter((pair) => score(scaled(features(pair))) > 0 === pair.linked).length
  return right / tests.length
}

/** As many pairs that belong together as pairs that do not, of those that `isLinked` can tell: at most `count`, and each once, or chance would weigh more. */
export function balancedPairs(
  published: readonly Published[],
  isLinked: (one: Published, other: Published) => boolean | undefined,
  count: number,
  seed: number
): Pair[] {
  const random = createSeededRandom(seed)
  const drawn = new Set<number>()
  const [linked, apart]: [Pair[], Pair[]] = [[], []]
  for (let tries = 0; tries < 400 * count && linked.length + apart.length < count; tries++) {
    const places = [random.number(), random.number()].map((share) => Math.floor(share * published.length))
    const [first = 0, second = 0] = places.toSorted((a, b) => a - b)
    const [one, other] = [published[first], published[second]]
    const pair = first * published.length + second
    if (one === undefined || other === undefined || one === other || drawn.has(pair)) continue
    const answer = isLinked(one, other)
    const kind = answer === true ? linked : apart
    if (answer === undefined || kind.length === count / 2) continue
    drawn.add(pair)
    kind.push({ one, other, linked: answer })
  }
  const each = Math.min(linked.length, apart.length)
  return [...linked.slice(0, each), ...apart.slice(0, each)]
}

/** By how much chance alone is above a half in one of 1,000 tests of so many pairs: one-sided, normal approximation. */
export function boundOfChance(tests: number): number {
  return 0.5 + (3.09 * 0.5) / Math.sqrt(tests)
}
