import type { PeerName } from '../../network/network.js'
import { SYNC_CONTACTS } from '../../protocol/limits.js'

/** Wait after the first failure, ms, and what every further one multiplies it by. */
const FIRST_RETRY = 1_000
const GROWTH = 4
/** Longest wait for a peer that does not answer at all, ms: it may not speak the protocol. */
const MAX_RETRY = 1_024_000

interface Failing {
  readonly failures: number
  readonly until: number
}

/**
 * Peers with whom a session broke off or did not come about, and until when they are left alone: a link that is replaced by another, or a peer that
 * is busy, is over in a moment; one that does not speak the protocol never answers.
 */
export class SyncRetries {
  readonly #failing = new Map<PeerName, Failing>()

  /** It failed again, after the other side's greeting or before: how long to wait, ms. */
  failed(peer: PeerName, isGreeted: boolean, now: number): number {
    const failures = (this.#failing.get(peer)?.failures ?? 0) + 1
    const wait = Math.min(FIRST_RETRY * GROWTH ** (failures - 1), isGreeted ? SYNC_CONTACTS : MAX_RETRY)
    this.#failing.set(peer, { failures, until: now + wait })
    return wait
  }

  /** Whether it is to be left alone for now; a clock that was set back does not make it longer than a wait may be. */
  isResting(peer: PeerName, now: number): boolean {
    const until = this.#failing.get(peer)?.until ?? 0
    return until > now && until <= now + MAX_RETRY
  }

  /** It went, or a session with it came to its end. */
  forget(peer: PeerName): void {
    this.#failing.delete(peer)
  }

  peers(): PeerName[] {
    return [...this.#failing.keys()]
  }

  clear(): void {
    this.#failing.clear()
  }
}
