import { decodeHex } from '../../codec/hex.js'
import type { MessageId } from '../../codec/ids.js'
import { MAX_CLOCK_JUMP, MAX_PARENTS } from '../limits.js'

/** Digits of a clock in a position: enough for 2^53. */
const CLOCK_DIGITS = 14

/** What a conversation knows of its order: a Lamport clock and the messages nothing follows yet. */
export interface Order {
  readonly clock: number
  readonly heads: readonly MessageId[]
}

export const EMPTY_ORDER: Order = { clock: 0, heads: [] }

/**
 * Where a message stands: its clock, then its id, as text that sorts the same on both sides. A message's clock is above those of all
 * messages its author had seen, so causes come before effects whenever they arrive; concurrent ones are ordered by id.
 */
export function positionOf(clock: number, id: MessageId): string {
  return `${clock.toString(16).padStart(CLOCK_DIGITS, '0')}-${id}`
}

/** The clock and parents of a new own message. */
export function nextInOrder(order: Order): {
  readonly clock: number
  readonly parents: readonly Uint8Array[]
} {
  return { clock: order.clock + 1, parents: order.heads.map((id) => decodeHex(id)) }
}

/**
 * The clock a received message is given: its own, unless it claims to follow far more than can be missing. Then it stands right after
 * what is known, so that nobody can claim the end of a conversation for ever.
 */
export function admitClock(order: Order, claimed: number): number {
  return claimed > order.clock + MAX_CLOCK_JUMP ? order.clock + 1 : claimed
}

/** The order with a message in it. */
export function insertInOrder(order: Order, id: MessageId, clock: number, parents: readonly string[]): Order {
  const heads = order.heads.filter((head) => head !== id && !parents.includes(head))
  return { clock: Math.max(order.clock, clock), heads: [...heads, id].slice(-MAX_PARENTS) }
}
