import type { Encounter } from '../../src/simulator/contact-trace.js'
import type { Letter } from './letters.js'

/** A way to carry. All that a meeting does is done by the policy; the model only counts. */
export interface Policy {
  /** The sender of this letter writes it. */
  send(letter: Letter): void
  /** Two nodes are near each other, for long enough for everything. */
  meet(one: number, other: number, now: number): void | Promise<void>
}

/** Told of each copy of a letter that crosses to another node. */
export type HandOver = (letter: Letter, to: number, now: number) => void

export type CreatePolicy = (nodes: number, room: number, handOver: HandOver) => Policy

/** What a policy achieved. */
export interface Outcome {
  /** Share of the letters delivered within their life. */
  readonly delivery: number
  /** Median time of those delivered, minutes. */
  readonly delay: number
  /** Copies sent per letter delivered. */
  readonly copies: number
}

/** Let nodes that meet as in the trace carry these letters. `room` is how many letters a node can hold. */
export async function carry(
  createPolicy: CreatePolicy,
  room: number,
  nodes: number,
  encounters: readonly Encounter[],
  letters: readonly Letter[]
): Promise<Outcome> {
  const delays = new Map<Letter, number>()
  let copies = 0
  const policy = createPolicy(nodes, room, (letter, to, now) => {
    copies += 1
    if (to === letter.to && now <= letter.expiresAt && !delays.has(letter))
      delays.set(letter, now - letter.sentAt)
  })
  let next = 0
  for (const { one, other, start } of encounters) {
    for (
      let letter = letters[next];
      letter !== undefined && letter.sentAt <= start;
      letter = letters[++next]
    ) {
      policy.send(letter)
    }
    await policy.meet(one, other, start)
  }
  const sorted = [...delays.values()].toSorted((a, b) => a - b)
  return {
    delivery: delays.size / letters.length,
    delay: (sorted[Math.floor(sorted.length / 2)] ?? NaN) / 60_000,
    copies: copies / delays.size
  }
}
