import type { PeerName } from '../../network/network.js'
import { STRANGER_BUDGET } from '../../protocol/limits.js'

/** Time in which an empty bucket fills, ms. */
const FILL = 60_000

interface Bucket {
  readonly tokens: number
  readonly at: number
}

/** What peers that are no contacts' nodes may be given: for each a bucket of bytes that fills within a minute. */
export class StrangerBudgets {
  readonly #buckets = new Map<PeerName, Bucket>()

  /** Bytes the peer may be given now. */
  room(peer: PeerName, now: number): number {
    const { tokens, at } = this.#buckets.get(peer) ?? { tokens: STRANGER_BUDGET, at: now }
    // A clock that was set back must not have the peer wait until it is where it was.
    if (now < at) this.#buckets.set(peer, { tokens, at: now })
    return Math.min(STRANGER_BUDGET, tokens + Math.max(0, now - at) * (STRANGER_BUDGET / FILL))
  }

  spend(peer: PeerName, bytes: number, now: number): void {
    this.#buckets.set(peer, { tokens: this.room(peer, now) - bytes, at: now })
  }

  /** Forget who is gone, unless coming back would gain them something. */
  forgetGone(linked: ReadonlySet<PeerName>, now: number): void {
    for (const peer of this.#buckets.keys()) {
      if (!linked.has(peer) && this.room(peer, now) >= STRANGER_BUDGET) this.#buckets.delete(peer)
    }
  }
}
