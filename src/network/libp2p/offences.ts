import type { Clock } from '../../clock.js'
import { MAX_DENIED_PEERS, MAX_OFFENCES, OFFENCE_WINDOW_MS } from '../limits.js'
import type { PeerName } from '../network.js'
import { putNewest } from '../put-newest.js'

/** Counts, per peer, what no honest node sends: one may be an accident, many within the window are not. */
export class Offences {
  readonly #clock: Pick<Clock, 'now'>
  readonly #counts = new Map<PeerName, { readonly since: number; readonly count: number }>()

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock
  }

  /** Count one more; whether it was one too many. */
  record(peer: PeerName): boolean {
    const now = this.#clock.now()
    const known = this.#counts.get(peer)
    const isRecent = known !== undefined && Math.abs(now - known.since) < OFFENCE_WINDOW_MS
    const offences = isRecent ? { since: known.since, count: known.count + 1 } : { since: now, count: 1 }
    putNewest(this.#counts, peer, offences, MAX_DENIED_PEERS)
    return offences.count >= MAX_OFFENCES
  }
}
