import type { PeerName } from '../../network/network.js'
import { STRANGER_BUDGET, SYNC_SALTED_ITEMS } from '../../protocol/limits.js'

/** Time in which an empty bucket fills, ms. */
const FILL = 60_000

interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** What peers that are no contacts' nodes may be given, for each a bucket of bytes that fills within a minute, and what they may have computed. */
export class StrangerBudgets {
  readonly #buckets = new Map<PeerName, Bucket>()
  /** Ids that may be hashed for salts, of all of them together: each is as cheap to have many names as to have one. */
  #salts: Bucket = { tokens: SYNC_SALTED_ITEMS, at: 0 }

  /** Bytes the peer may be given now. */
  room(peer: PeerName, now: number): number {
    const bucket = this.#buckets.get(peer) ?? { tokens: STRANGER_BUDGET, at: now }
    const filled = fill(bucket, STRANGER_BUDGET, now)
    // A clock that was set back must not have the peer wait until it is where it was.
    if (now < bucket.at) this.#buckets.set(peer, filled)
    return filled.tokens
  }

  spend(peer: PeerName, bytes: number, now: number): void {
    this.#buckets.set(peer, { tokens: this.room(peer, now) - bytes, at: now })
  }

  /** Whether so many ids may be hashed now for the salt of one of them; if so, they are counted. */
  takeSalt(items: number, now: number): boolean {
    const { tokens } = (this.#salts = fill(this.#salts, SYNC_SALTED_ITEMS, now))
    // A set of more ids than that is hashed once in the time that it takes.
    if (tokens < Math.min(items, SYNC_SALTED_ITEMS)) return false
    this.#salts = { tokens: tokens - items, at: now }
    return true
  }

  /** Forget who is gone, unless coming back would gain them something. */
  forgetGone(linked: ReadonlySet<PeerName>, now: number): void {
    for (const peer of this.#buckets.keys()) {
      if (!linked.has(peer) && this.room(peer, now) >= STRANGER_BUDGET) this.#buckets.delete(peer)
    }
  }
}

/** What is in a bucket of so much at `now`. */
function fill({ tokens, at }: Bucket, most: number, now: number): Bucket {
  return { tokens: Math.min(most, tokens + Math.max(0, now - at) * (most / FILL)), at: now }
}
