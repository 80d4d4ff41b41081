import type { CreatePolicy, HandOver, Policy } from './model.js'
import type { Letter } from './letters.js'

/** Copies that binary spray-and-wait may make of a letter. */
const SPRAY = 6
/** Constants of PRoPHET (RFC 6693 §3.3): what a meeting adds, how much is inherited, and how it ages per minute. */
const ENCOUNTER = 0.75
const TRANSITIVITY = 0.25
const AGING_PER_MINUTE = 0.98 ** (1 / 10)

/** A letter a node holds, and how many copies it may still make of it. */
interface Copy {
  readonly letter: Letter
  tickets: number
}

/** A node of the classic policies: what it holds, oldest first, and what it knows to have arrived. */
class Bag {
  readonly copies = new Map<Letter, Copy>()
  readonly done = new Set<Letter>()
  readonly predictability: Float64Array
  agedAt = 0
  readonly #room: number

  constructor(nodes: number, room: number) {
    this.predictability = new Float64Array(nodes)
    this.#room = room
  }

  /** Full, the oldest goes. */
  put(copy: Copy): void {
    this.copies.set(copy.letter, copy)
    for (const oldest of this.copies.keys()) {
      if (this.copies.size <= this.#room) return
      this.copies.delete(oldest)
    }
  }

  forgetExpired(now: number): void {
    for (const letter of this.copies.keys()) if (letter.expiresAt < now) this.copies.delete(letter)
  }

  /** PRoPHET's predictabilities fade with time. */
  age(now: number): void {
    const factor = AGING_PER_MINUTE ** ((now - this.agedAt) / 60_000)
    this.agedAt = now
    for (const [node, value] of this.predictability.entries()) this.predictability[node] = value * factor
  }
}

/** How many tickets `from` gives away with a copy of a letter it holds; `undefined`: it gives none. */
type Choice = (copy: Copy, from: Bag, to: Bag) => number | undefined

interface Classic {
  readonly choose: Choice
  /** Whether who gives a letter to its recipient keeps it no longer. */
  readonly forgets: boolean
  readonly learn?: (one: Bag, other: Bag, ids: readonly [number, number], now: number) => void
}

function classic({ choose, forgets, learn }: Classic): CreatePolicy {
  return (nodes, room, handOver) => {
    const bags = Array.from({ length: nodes }, () => new Bag(nodes, room))
    return {
      send(letter) {
        bags[letter.from]?.put({ letter, tickets: SPRAY })
      },
      meet(one, other, now) {
        const [mine, theirs] = [bags[one], bags[other]]
        if (mine === undefined || theirs === undefined) return
        mine.forgetExpired(now)
        theirs.forgetExpired(now)
        learn?.(mine, theirs, [one, other], now)
        // Both choose from what they held when they met.
        const [outward, inward] = [chosen(mine, theirs, other, choose), chosen(theirs, mine, one, choose)]
        hand(outward, mine, theirs, other, forgets, now, handOver)
        hand(inward, theirs, mine, one, forgets, now, handOver)
      }
    } satisfies Policy
  }
}

function chosen(from: Bag, to: Bag, toId: number, choose: Choice): (readonly [Copy, number])[] {
  return [...from.copies.values()]
    .filter(({ letter }) => !to.copies.has(letter) && !to.done.has(letter))
    .flatMap((copy) => {
      const tickets = copy.letter.to === toId ? 0 : choose(copy, from, to)
      return tickets === undefined ? [] : [[copy, tickets] as const]
    })
}

function hand(
  chosen: readonly (readonly [Copy, number])[],
  from: Bag,
  to: Bag,
  toId: number,
  forgets: boolean,
  now: number,
  handOver: HandOver
): void {
  for (const [copy, tickets] of chosen) {
    const { letter } = copy
    handOver(letter, toId, now)
    if (letter.to !== toId) {
      copy.tickets -= tickets
      to.put({ letter, tickets })
      continue
    }
    to.done.add(letter)
    if (!forgets) continue
    from.done.add(letter)
    from.copies.delete(letter)
  }
}

/** Keeps what it sends until it meets the recipient. */
export const direct = classic({ choose: () => undefined, forgets: true })
/** Gives everything to everybody, and learns of no arrival. */
export const epidemic = classic({ choose: () => 0, forgets: false })
/** Gives half of its tickets away, and with the last one waits for the recipient. */
export const spray = classic({
  choose: ({ tickets }) => (tickets > 1 ? Math.floor(tickets / 2) : undefined),
  forgets: true
})
/** Gives a copy to whoever is likelier to meet the recipient. */
export const prophet = classic({
  choose: ({ letter }, from, to) =>
    (to.predictability[letter.to] ?? 0) > (from.predictability[letter.to] ?? 0) ? 0 : undefined,
  forgets: false,
  learn(one, other, [oneId, otherId], now) {
    meet(one, otherId, now)
    meet(other, oneId, now)
    const [mine, theirs] = [one.predictability.slice(), other.predictability.slice()]
    inherit(one, mine[otherId] ?? 0, theirs, oneId)
    inherit(other, theirs[oneId] ?? 0, mine, otherId)
  }
})

function meet(bag: Bag, met: number, now: number): void {
  bag.age(now)
  const known = bag.predictability[met] ?? 0
  bag.predictability[met] = known + (1 - known) * ENCOUNTER
}

function inherit(bag: Bag, met: number, theirs: Float64Array, own: number): void {
  for (const [node, value] of theirs.entries()) {
    if (node === own) continue
    bag.predictability[node] = Math.max(bag.predictability[node] ?? 0, met * value * TRANSITIVITY)
  }
}
