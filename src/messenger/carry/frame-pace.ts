import { MAX_SYNC_FRAME, MIN_SYNC_FRAME } from '../../protocol/limits.js'
import type { SyncEvent } from '../../protocol/sync/session.js'

/** First size of frames, bytes: a few seconds of a link of a kilobyte a second. */
const FIRST_FRAME = 2 * MIN_SYNC_FRAME
/** An answer that takes so much longer at most, ms, than the first, to a hello, lets frames grow. */
const FAST = 1_000
/** One that takes longer than this, ms, lets them shrink. */
const SLOW = 5_000

/** How large frames are made for a link: they grow while answers come fast, for the length of the way. */
export class FramePace {
  #bytes = FIRST_FRAME
  #sentAt: number | undefined
  /** How long the first answer took, ms: the way there and back, however little is sent. */
  #way: number | undefined

  /** Most bytes of a frame made now. */
  get bytes(): number {
    return this.#bytes
  }

  sent(now: number): void {
    this.#sentAt = now
  }

  /** What came back; only what answers a large frame says how fast those are. */
  answered(kind: SyncEvent['kind'], now: number): void {
    if (this.#sentAt === undefined) return
    const took = now - this.#sentAt
    this.#way ??= took
    if (kind !== 'compared' && kind !== 'stored') return
    if (took > SLOW) this.#bytes = Math.max(this.#bytes / 2, MIN_SYNC_FRAME)
    else if (took - this.#way < FAST) this.#bytes = Math.min(2 * this.#bytes, MAX_SYNC_FRAME)
  }
}
