import type { PeerName, PeerStream } from '../../network/network.js'
import { unlessAborted } from '../../on-abort.js'
import { SYNC_TURN } from '../../protocol/limits.js'
import type { SyncOutcome, SyncRun } from './sync-run.js'

/** Sessions that are waited for, of a peer with whom each breaks off. */
const MAX_TRIES = 4

/** A session of reconciliation, from the opening of its stream on. */
export class RunningSession {
  readonly side: 'opener' | 'taker'
  readonly ended: Promise<SyncOutcome | undefined>
  #end: (outcome: SyncOutcome | undefined) => void = () => undefined
  #open:
    | {
        readonly run: Pick<SyncRun, 'isGreeted'>
        readonly stream: Pick<PeerStream, 'abort'>
        readonly at: number
      }
    | undefined
  #isAborted = false

  constructor(side: 'opener' | 'taker') {
    this.side = side
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  /** Whether its stream is open. */
  get isOpen(): boolean {
    return this.#open !== undefined
  }

  /** Whether the other side has said anything. */
  get isGreeted(): boolean {
    return this.#open?.run.isGreeted === true
  }

  /** How long its stream has been open at `now`, ms; 0 once it was aborted. A clock that was set back makes it no younger. */
  ageAt(now: number): number {
    return this.#open === undefined || this.#isAborted ? 0 : Math.abs(now - this.#open.at)
  }

  begin(run: Pick<SyncRun, 'isGreeted'>, stream: Pick<PeerStream, 'abort'>, at: number): void {
    this.#open = { run, stream, at }
  }

  /** Nothing happens while its stream is being opened: whoever opens it looks whether another session took its place. */
  abort(): void {
    if (this.#open === undefined) return
    this.#isAborted = true
    this.#open.stream.abort()
  }

  end(outcome: SyncOutcome | undefined): void {
    this.#end(outcome)
  }
}

/**
 * Of these sessions the one that has had its turn, {@link SYNC_TURN}, the longest. It leaves its place to another: frames that bring a session no
 * further could hold it for ever.
 */
export function overdue(sessions: readonly RunningSession[], now: number): RunningSession | undefined {
  const [oldest] = sessions.toSorted((one, other) => other.ageAt(now) - one.ageAt(now))
  return oldest !== undefined && oldest.ageAt(now) > SYNC_TURN ? oldest : undefined
}

/** Sessions of reconciliation that are under way: one with a peer at most. */
export class RunningSessions {
  readonly #of = new Map<PeerName, RunningSession>()

  get(peer: PeerName): RunningSession | undefined {
    return this.#of.get(peer)
  }

  /** The sessions of which this holds. */
  those(isMeant: (peer: PeerName, session: RunningSession) => boolean): RunningSession[] {
    const meant: RunningSession[] = []
    for (const [peer, session] of this.#of) if (isMeant(peer, session)) meant.push(session)
    return meant
  }

  isCurrent(peer: PeerName, session: RunningSession): boolean {
    return this.#of.get(peer) === session
  }

  /** A session is under way until `drive` ends, or until another with the same peer takes its place. */
  async during(
    peer: PeerName,
    side: 'opener' | 'taker',
    drive: (session: RunningSession) => Promise<SyncOutcome | undefined>
  ): Promise<SyncOutcome | undefined> {
    const session = new RunningSession(side)
    this.#of.set(peer, session)
    let outcome: SyncOutcome | undefined
    try {
      outcome = await drive(session)
      return outcome
    } finally {
      if (this.isCurrent(peer, session)) this.#of.delete(peer)
      session.end(outcome)
    }
  }

  /**
   * The outcome of a session that began after this was called, when all that is to cross was here: one that `open` opens, or of whoever was
   * quicker. One that had begun before is waited for.
   */
  async fresh(
    peer: PeerName,
    open: () => Promise<SyncOutcome | undefined>,
    signal: AbortSignal | undefined
  ): Promise<SyncOutcome | undefined> {
    const current = this.#of.get(peer)
    const old = current?.isOpen === true ? current : undefined
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const session = this.#of.get(peer)
      const outcome = await (session === undefined ? open() : endOf(session, signal))
      if (outcome !== undefined && (session === undefined || session !== old)) return outcome
      const hasFailed = session === undefined && this.#of.get(peer) === undefined
      if (hasFailed || signal?.aborted === true) return undefined
    }
    return undefined
  }

  abort(): void {
    for (const session of this.#of.values()) session.abort()
  }
}

/** What becomes of a session; `undefined` if it breaks off, or the signal ends the wait, which leaves the session alone. */
async function endOf(
  session: RunningSession,
  signal: AbortSignal | undefined
): Promise<SyncOutcome | undefined> {
  try {
    return await unlessAborted(session.ended, signal)
  } catch {
    return undefined
  }
}
