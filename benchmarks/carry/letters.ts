import type { SeededRandom } from '../../src/network/seeded-random.js'

/** A message for one node, carried by all. */
export interface Letter {
  readonly id: number
  readonly from: number
  readonly to: number
  /** ms. */
  readonly sentAt: number
  readonly expiresAt: number
}

/** Letters between nodes drawn evenly, sent so early that each has all its life within `duration`. In the order sent. */
export function writeLetters(
  count: number,
  nodes: number,
  duration: number,
  lifetime: number,
  random: SeededRandom
): Letter[] {
  return Array.from({ length: count }, () => random.between(0, duration - lifetime))
    .toSorted((one, other) => one - other)
    .map((sentAt, id) => {
      const from = Math.floor(random.number() * nodes)
      const to = (from + 1 + Math.floor(random.number() * (nodes - 1))) % nodes
      return { id, from, to, sentAt, expiresAt: sentAt + lifetime }
    })
}
