import type { PeerName, PeerStream } from '../../network/network.js'
import { onAbort } from '../../on-abort.js'
import {
  MAX_ENVELOPE_BYTES,
  MAX_SYNC_SESSIONS,
  SYNC_CONTACTS,
  SYNC_OTHERS,
  SYNC_OTHERS_COUNT,
  SYNC_SALT_EVERY,
  SYNC_UNCHANGED
} from '../../protocol/limits.js'
import { tagOf } from '../../protocol/envelope/envelope.js'
import { RECONCILE_PROTOCOL, SYNC_SALT_BYTES } from '../../protocol/sync/frames.js'
import { envelopeId } from '../../protocol/sync/item.js'
import type { Context } from '../context.js'
import type { SyncReport } from '../messenger.js'
import { Republisher } from './republish.js'
import { overdue, RunningSessions, type RunningSession } from './running-sessions.js'
import { StrangerBudgets } from './stranger-budgets.js'
import { SyncRetries } from './sync-retries.js'
import { SyncRun, type SyncOutcome, type SyncParts } from './sync-run.js'
import { Timers } from '../timers.js'

/** Wait of the side that dialled, ms: what waits in outboxes crosses by gossip first, in its order, and once. */
const FIRST_WAIT = 1_000
/** Wait of the side that was dialled before it opens a session itself, ms: the other side is expected to. */
const PATIENCE = 5_000
/** Sessions that this node opens at once with strangers: whoever is silent must not keep it from those it knows. */
const MAX_OPENED = 4
/** Sessions in a row with one peer while something is left. */
const MAX_IN_A_ROW = 8
/** Wait of a session that found no place among those with strangers, ms. */
const PLACE_LOOK = 1_000
/** Peers, linked or not, of whom is remembered how much news they were told: the first told are forgotten first, and told again. */
const MAX_TOLD = 1_024
/** How many times less often a node looks for news that rests. */
const RESTING = 10

/** Reconciles with peers: when they come, from time to time, and when asked to. */
export class Reconciler {
  readonly #context: Context
  readonly #parts: SyncParts
  readonly #republisher: Republisher
  readonly #running = new RunningSessions()
  readonly #budgets = new StrangerBudgets()
  readonly #retries = new SyncRetries()
  readonly #greeted = new Set<PeerName>()
  /** Peers with whom a session was begun since they came. */
  readonly #met = new Set<PeerName>()
  /** Peers that opened a session before the one they had opened was over here. */
  readonly #next = new Set<PeerName>()
  /** Peers with whom a session waits for a place among those with strangers. */
  readonly #waiting = new Set<PeerName>()
  readonly #timers: Timers
  /** The looks for news. */
  readonly #periods: Timers
  readonly #idle = new Set<Promise<unknown>>()
  #sessions = 0

  constructor(context: Context, admit: SyncParts['admit']) {
    this.#context = context
    this.#republisher = new Republisher(context)
    this.#timers = new Timers(context.clock)
    this.#periods = new Timers(context.clock)
    this.#parts = {
      context,
      admit,
      fetching: new Set(),
      // Nodes of contacts are not bounded.
      allowance: (peer) => (this.#isContact(peer) ? Infinity : this.#budgets.room(peer, context.clock.now())),
      spend: (peer, bytes) => {
        if (!this.#isContact(peer)) this.#budgets.spend(peer, bytes, context.clock.now())
      },
      takesSalt: (peer, items) => this.#isContact(peer) || this.#budgets.takeSalt(items, context.clock.now()),
      told: new Map(),
      onFresh: (envelopes) => {
        // With one peer there is nobody else to tell.
        if (context.state.linked.size < 2 || context.state.resting) return
        // Of two envelopes with one tag one is a forgery or garbled, and nobody here can tell which: such are not told on.
        const single = envelopes.filter((envelope) => context.mailbox.isOnly(tagOf(envelope)))
        this.#republisher.add(single.map((envelope) => ({ id: envelopeId(envelope), envelope })))
      }
    }
  }

  /** Look for news as long as somebody is linked, from any moment of a period on; who is alone need not wake for that. */
  keepLooking(): void {
    const { state, random } = this.#context
    if (!state.started || state.linked.size === 0) return this.#periods.cancel()
    if (!this.#periods.isIdle) return
    const rarity = state.resting ? RESTING : 1
    const [contacts = 0, others = 0] = random(2)
    this.#periods.every(SYNC_CONTACTS * rarity, () => this.#lookAtContacts(), contacts / 256)
    this.#periods.every(SYNC_OTHERS * rarity, () => this.#lookAtOthers(), others / 256)
  }

  /** Look for news rarely, as the battery is low, or again as often as usual: then first for what has passed meanwhile. */
  rest(isResting: boolean): void {
    // What this side has said of itself is true no more.
    this.#running.abort()
    if (isResting) this.#republisher.stop()
    if (!this.#context.state.started) return
    this.#periods.cancel()
    this.keepLooking()
    if (!isResting) this.#timers.after(FIRST_WAIT, () => this.openAll())
  }

  async stop(): Promise<void> {
    this.#timers.cancel()
    this.#periods.cancel()
    this.#republisher.stop()
    this.#running.abort()
    await Promise.allSettled(this.#idle)
    this.#greeted.clear()
    this.#waiting.clear()
    this.#retries.clear()
  }

  /** A peer joined the topic: what it has is looked at at once by the side that dialled. */
  joined(peer: PeerName): void {
    if (this.#greeted.has(peer)) return
    this.#greeted.add(peer)
    const isOurs = this.#link(peer)?.direction === 'outbound'
    const [jitter = 0] = this.#context.random(1)
    this.#met.delete(peer)
    this.#timers.after((isOurs ? FIRST_WAIT : PATIENCE) + jitter, () => {
      if (!this.#met.has(peer)) this.#openSoon(peer)
    })
  }

  /** Peers may have gone. */
  onPeers(): void {
    const { clock, reconciled, state } = this.#context
    const { linked } = state
    for (const known of [this.#greeted, this.#met, reconciled]) {
      for (const peer of known.keys()) if (!linked.has(peer)) known.delete(peer)
    }
    for (const peer of this.#retries.peers()) if (!linked.has(peer)) this.#retries.forget(peer)
    this.#budgets.forgetGone(linked, clock.now())
    for (const peer of this.#parts.told.keys())
      if (this.#parts.told.size > MAX_TOLD) this.#parts.told.delete(peer)
    this.keepLooking()
  }

  /** Envelopes that are new here and came from nobody linked. */
  spread(envelopes: readonly Uint8Array[]): void {
    if (this.#context.state.linked.size === 0) return
    this.#republisher.add(envelopes.map((envelope) => ({ id: envelopeId(envelope), envelope })))
  }

  /** There is something new for every peer linked. */
  openAll(): void {
    for (const peer of this.#peers()) this.#openSoon(peer)
  }

  /** An envelope came by gossip. */
  heard(id: Uint8Array): void {
    this.#republisher.heard(id)
  }

  /** A peer opened a session. */
  take(stream: PeerStream): void {
    const { peer } = stream
    const running = this.#running.get(peer)
    if (running?.side === 'taker' && !this.#next.has(peer)) {
      // Who opens another has ended this one, of which something is still being stored here.
      this.#next.add(peer)
      this.#track(running.ended.then(() => this.#takeNext(stream)))
      return
    }
    // Both opened at once: the one of who dialled goes on.
    const isBeaten =
      running?.side === 'opener' && !running.isGreeted && this.#link(peer)?.direction === 'inbound'
    const strangers = this.#isContact(peer) ? [] : this.#strangers(({ isOpen }) => isOpen)
    const isFull = strangers.length >= MAX_SYNC_SESSIONS
    const late = isFull ? overdue(strangers, this.#context.clock.now()) : undefined
    // Among all links, so asked last: where there is no place, strangers ask as often as they like.
    const isRefused =
      !this.#context.state.started ||
      !this.#isAffordable() ||
      (running !== undefined && !isBeaten) ||
      (isFull && late === undefined) ||
      !this.#isMember(peer)
    if (isRefused) {
      stream.abort()
      return
    }
    late?.abort()
    running?.abort()
    const taken = this.#running.during(peer, 'taker', (session) => this.#run(stream, session))
    this.#track(taken.then((outcome) => this.#tell(outcome)))
  }

  #takeNext(stream: PeerStream): void {
    this.#next.delete(stream.peer)
    this.take(stream)
  }

  /** Reconcile with every peer linked now. Failures of single peers are no failure. */
  async syncAll(signal: AbortSignal | undefined, onPeer: (report: SyncReport) => void): Promise<SyncReport> {
    let report: SyncReport = { peers: 0, received: 0, given: 0 }
    const waiting = [...this.#peers()]
    const work = async (): Promise<void> => {
      for (let peer = waiting.shift(); peer !== undefined; peer = waiting.shift()) {
        if (signal?.aborted === true) return
        const outcome = await this.#running.fresh(peer, () => this.#open(peer, signal), signal)
        if (outcome === undefined) continue
        report = {
          peers: report.peers + 1,
          received: report.received + outcome.received,
          given: report.given + outcome.given
        }
        onPeer(report)
      }
    }
    await Promise.all(Array.from({ length: MAX_OPENED }, work))
    return report
  }

  #lookAtContacts(): void {
    const due = [...this.#context.state.linked].filter((peer) => this.#isContact(peer) && this.#isDue(peer))
    // Mostly none is, and to look at all links costs more than everything else here.
    if (due.length > 0) for (const peer of this.#peers()) if (due.includes(peer)) this.#openSoon(peer)
  }

  #lookAtOthers(): void {
    for (const peer of this.#pick(SYNC_OTHERS_COUNT)) if (this.#isDue(peer)) this.#openSoon(peer)
  }

  /** Whether anything changed here since all was compared with this peer: what changed there is its own affair. */
  #isDue(peer: PeerName): boolean {
    const { mailbox, clock, reconciled } = this.#context
    const last = reconciled.get(peer)
    return last?.version !== mailbox.version || Math.abs(clock.now() - last.at) > SYNC_UNCHANGED
  }

  #openSoon(peer: PeerName): void {
    if (this.#running.get(peer) !== undefined || this.#retries.isResting(peer, this.#context.clock.now()))
      return
    const strangers = this.#strangers(({ side }) => side === 'opener')
    if (strangers.length >= MAX_OPENED && !this.#isContact(peer)) {
      overdue(strangers, this.#context.clock.now())?.abort()
      this.#waitForPlace(peer)
      return
    }
    this.#track(this.#open(peer).then((outcome) => this.#tell(outcome)))
  }

  /** All that wait are looked at together, in their order: who is there is asked once for all of them. */
  #waitForPlace(peer: PeerName): void {
    const isFirst = this.#waiting.size === 0
    this.#waiting.add(peer)
    if (!isFirst) return
    this.#timers.after(PLACE_LOOK, () => {
      const [waiting, present] = [[...this.#waiting], new Set(this.#peers())]
      this.#waiting.clear()
      for (const one of waiting) if (present.has(one)) this.#openSoon(one)
    })
  }

  /** A session that nobody asked for is worth a word if something crossed. */
  #tell(outcome: SyncOutcome | undefined): void {
    if (outcome === undefined || outcome.received + outcome.given === 0) return
    const { received, given } = outcome
    this.#context.events.emit('sync:complete', { peers: 1, received, given })
  }

  /** Sessions with a peer until nothing is left to compare; `undefined` if none came about. */
  async #open(peer: PeerName, signal?: AbortSignal): Promise<SyncOutcome | undefined> {
    let all: SyncOutcome | undefined
    for (let count = 0; count < MAX_IN_A_ROW; count++) {
      const outcome = await this.#openOne(peer, signal)
      if (outcome === undefined) break
      all = {
        received: (all?.received ?? 0) + outcome.received,
        given: (all?.given ?? 0) + outcome.given,
        isWhole: outcome.isWhole
      }
      if (outcome.isWhole) break
    }
    return all
  }

  async #openOne(peer: PeerName, signal: AbortSignal | undefined): Promise<SyncOutcome | undefined> {
    if (!this.#context.state.started || !this.#isMember(peer) || this.#running.get(peer) !== undefined)
      return undefined
    if (!this.#isAffordable()) return undefined
    return await this.#running.during(peer, 'opener', async (session) => {
      const stream = await this.#streamTo(peer, signal)
      if (stream !== undefined && this.#running.isCurrent(peer, session))
        return await this.#run(stream, session, signal)
      stream?.abort()
      return undefined
    })
  }

  async #streamTo(peer: PeerName, signal: AbortSignal | undefined): Promise<PeerStream | undefined> {
    const { network, logger } = this.#context
    try {
      return await network.openStream(peer, RECONCILE_PROTOCOL, signal === undefined ? {} : { signal })
    } catch (error) {
      if (signal?.aborted !== true) this.#failed(peer, false)
      logger.debug('no reconciliation with a peer', { reason: error instanceof Error ? error.message : '' })
      return undefined
    }
  }

  async #run(
    stream: PeerStream,
    session: RunningSession,
    signal?: AbortSignal
  ): Promise<SyncOutcome | undefined> {
    const { random, logger, mailbox, clock, reconciled } = this.#context
    const { peer } = stream
    const run = new SyncRun(this.#parts, stream, session.side)
    session.begin(run, stream, clock.now())
    this.#met.add(peer)
    this.#sessions++
    const salt = session.side === 'opener' && this.#sessions % SYNC_SALT_EVERY === 0
    const release = onAbort(signal, () => {
      stream.abort()
    })
    try {
      const outcome = await run.run(salt ? random(SYNC_SALT_BYTES) : undefined)
      this.#retries.forget(peer)
      if (outcome.isWhole) reconciled.set(peer, { version: mailbox.version, at: clock.now() })
      return outcome
    } catch (error) {
      logger.debug('a reconciliation broke off', {
        reason: error instanceof Error ? error.message : ''
      })
      // One that gave way to another, or that the caller gave up, is no failure.
      const isCurrent = this.#running.isCurrent(peer, session)
      if (session.side === 'opener' && isCurrent && signal?.aborted !== true)
        this.#failed(peer, run.isGreeted)
      return undefined
    } finally {
      release()
    }
  }

  /** No session came about, or it broke off: once more a little later. */
  #failed(peer: PeerName, isGreeted: boolean): void {
    const { clock, state } = this.#context
    if (!state.started || !this.#isMember(peer)) return
    this.#timers.after(this.#retries.failed(peer, isGreeted, clock.now()), () => {
      this.#openSoon(peer)
    })
  }

  /** Whether the budget has room for a session: it is for others, as own messages are published. */
  #isAffordable(): boolean {
    return this.#context.budget.allows('foreign', MAX_ENVELOPE_BYTES)
  }

  #isContact(peer: PeerName): boolean {
    return this.#context.state.contactPeers.has(peer)
  }

  /** Sessions under way with peers that are no contacts' nodes, of which this holds. */
  #strangers(isMeant: (session: RunningSession) => boolean): RunningSession[] {
    return this.#running.those((peer, session) => !this.#isContact(peer) && isMeant(session))
  }

  /** Whether a peer takes part in what is carried here: with one shard everybody in the topic carries everything. */
  #isMember(peer: PeerName): boolean {
    return this.#link(peer)?.topics.includes(this.#context.topic) === true
  }

  #link(peer: PeerName): ReturnType<Context['network']['peers']>[number] | undefined {
    return this.#context.network.peers().find((known) => known.peer === peer)
  }

  #peers(): PeerName[] {
    const { network, topic } = this.#context
    return network
      .peers()
      .filter(({ topics }) => topics.includes(topic))
      .map(({ peer }) => peer)
  }

  /** Some peers that are no contacts' nodes, at random. */
  #pick(count: number): PeerName[] {
    const others = this.#peers().filter((peer) => !this.#isContact(peer))
    const picked: PeerName[] = []
    while (picked.length < count && others.length > 0) {
      const [high = 0, low = 0] = this.#context.random(2)
      picked.push(...others.splice((high * 256 + low) % others.length, 1))
    }
    return picked
  }

  #track(work: Promise<unknown>): void {
    const tracked = work.finally(() => this.#idle.delete(tracked))
    this.#idle.add(tracked)
  }
}
