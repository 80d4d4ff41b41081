import type { IdentityId } from '../../codec/ids.js'
import type { RandomSource } from '../../crypto/random.js'
import {
  afterHeard,
  afterJoin,
  afterPublish,
  isDue,
  measureReceipt,
  NOT_TRANSMITTED,
  type ReceiptTime,
  type Transmission
} from '../../protocol/delivery/retransmission.js'
import { dayOf, LANE_OPEN, laneOf, tagOf } from '../../protocol/envelope/envelope.js'
import { EMERGENCY_STRIDE, MAX_BODIES } from '../../protocol/limits.js'
import { sentAtOf } from '../../protocol/message/payload.js'
import { rankOf, type Priority } from '../../protocol/message/priority.js'
import { envelopeId, type Item } from '../../protocol/sync/item.js'
import type { PeerName } from '../../network/network.js'
import type { OutboxRecord } from '../../storage/records/outbox-record.js'
import { OutboxCounts } from './outbox-counts.js'
import { ReadyQueue } from './ready-queue.js'

/** Envelopes that go out again in one turn, per contact: the oldest; the others follow turn by turn. */
const MAX_REPEATS_PER_TURN = 256
/** Least time between two looks for what is due, ms. */
const TURN = 250
/** Wait after the network refused an envelope, ms. */
const AGAIN = 1_000
/** Least time between two signs of life of a contact that are looked at, ms. */
const LISTEN = 1_000
/** Envelopes kept in memory between their commit and their first publish, bytes; others are read back from the store. */
const MAX_FRESH_BYTES = 16 * 1024 * 1024

/** Messages that travel together, as far as memory needs to know; the store has the rest. */
export interface OutboxEntry {
  readonly contactId: IdentityId
  /** Of the first message. */
  readonly number: number
  /** Of each message; empty for what is not shown. */
  readonly positions: readonly string[]
  readonly expiryDay: number
  readonly priority: Priority
  /** Where it stands among what goes out: the greater goes first. That of its priority, or of an emergency that needs it. */
  rank: number
  /** When the last message was written, epoch ms. */
  readonly sentAt: number
  readonly sealed: boolean
  /** Of the envelope, if it is sealed: what it is known by to others. */
  readonly item?: Item
  readonly tag?: Uint8Array
  readonly bytes?: number
  /** Whether the envelope is a hello of the open lane, the only one that its session has. */
  readonly isOnlyHello?: boolean
  /** Peers that have said they hold it. */
  readonly holders: Set<PeerName>
  transmission: Transmission
  /** The envelope's bytes until its first publish. */
  fresh?: Uint8Array
}

/** The numbers of the messages of an entry. */
export function numbersOf({ number, positions }: Pick<OutboxEntry, 'number' | 'positions'>): number[] {
  return positions.map((_, index) => number + index)
}

/** What an entry is made of. */
export type NewEntry = Omit<OutboxEntry, 'transmission' | 'holders' | 'rank'>

/** The entry of a record. */
export function toEntry(contactId: IdentityId, record: OutboxRecord): NewEntry {
  const { number, expiryDay, priority, items, envelope } = record
  const positions = items.map(({ position }) => position)
  const sentAt = sentAtOf(items.at(-1)?.body ?? new Uint8Array(0))
  const sealed = envelope !== undefined
  const entry = { contactId, number, positions, expiryDay, priority, sentAt, sealed }
  if (envelope === undefined) return entry
  const item = { day: expiryDay, id: envelopeId(envelope) }
  const isOnlyHello = laneOf(envelope) === LANE_OPEN
  return { ...entry, item, tag: tagOf(envelope).slice(), bytes: envelope.length, isOnlyHello }
}

/** Told of envelopes that come into the outbox, and of those that leave it. */
export interface OutboxWatcher {
  sealed(entry: OutboxEntry): void
  gone(entry: OutboxEntry): void
}

/** What is to be published next; in memory only, rebuilt from the store at start. */
export class Outbox {
  readonly #entries = new Map<IdentityId, Map<number, OutboxEntry>>()
  readonly #counts = new OutboxCounts()
  /** Entries sealed since the start, per contact. */
  readonly #sealedInAll = new Map<IdentityId, number>()
  readonly #heardAt = new Map<IdentityId, number>()
  readonly #receiptTimes = new Map<IdentityId, ReceiptTime>()
  readonly #ready = new ReadyQueue<OutboxEntry>()
  /** Contacts whose repetitions did not all fit the last turn: what is new has to wait behind them. */
  readonly #behind = new Set<IdentityId>()
  #freshBytes = 0
  #nextTurn = Infinity
  #lastTurn = 0
  #takenAt = 0
  readonly #watcher: OutboxWatcher | undefined

  constructor(watcher?: OutboxWatcher) {
    this.#watcher = watcher
  }

  get size(): number {
    return this.#counts.messages
  }

  /** How many messages wait for a contact's receipt. */
  messagesTo(contactId: IdentityId): number {
    return this.#counts.messagesTo(contactId)
  }

  of(contactId: IdentityId): ReadonlyMap<number, OutboxEntry> {
    return this.#entries.get(contactId) ?? new Map<number, OutboxEntry>()
  }

  /** The entry that a message of a contact is in. */
  entryOf(contactId: IdentityId, number: number): OutboxEntry | undefined {
    const entries = this.of(contactId)
    for (let first = number; first > number - MAX_BODIES; first--) {
      const entry = entries.get(first)
      if (entry !== undefined) return first + entry.positions.length > number ? entry : undefined
    }
    return undefined
  }

  *all(): IterableIterator<OutboxEntry> {
    for (const entries of this.#entries.values()) yield* entries.values()
  }

  /** How many more messages may be sealed, with those that are not acknowledged yet. */
  roomToSeal(contactId: IdentityId, priority: Priority = 'routine'): number {
    return this.#counts.roomToSeal(contactId, priority)
  }

  /** How many entries of a contact were added sealed since the start. */
  sealedInAll(contactId: IdentityId): number {
    return this.#sealedInAll.get(contactId) ?? 0
  }

  /** Whether messages wait for a session or for room. */
  hasUnsealed(contactId: IdentityId): boolean {
    return this.waitingRank(contactId) >= 0
  }

  /** The rank of the most pressing message that waits for a session or for room; -1 if none does. */
  waitingRank(contactId: IdentityId): number {
    return this.#counts.waitingRank(contactId)
  }

  /** Add an entry after its commit, or replace one whose envelope has been made meanwhile. */
  add(entry: NewEntry, envelope?: Uint8Array): void {
    const entries = this.#entries.get(entry.contactId) ?? new Map<number, OutboxEntry>()
    this.#entries.set(entry.contactId, entries)
    const rank = rankOf(entry.priority)
    const added: OutboxEntry = { ...entry, rank, holders: new Set(), transmission: NOT_TRANSMITTED }
    const replaced = entries.get(entry.number)
    if (replaced !== undefined) {
      this.#counts.remove(replaced)
      this.#forgetFresh(replaced)
      this.#watcher?.gone(replaced)
    }
    if (envelope !== undefined && this.#freshBytes + envelope.length <= MAX_FRESH_BYTES) {
      added.fresh = envelope
      this.#freshBytes += envelope.length
    }
    this.#counts.add(entry)
    entries.set(entry.number, added)
    if (!entry.sealed) return
    this.#watcher?.sealed(added)
    this.#sealedInAll.set(entry.contactId, this.sealedInAll(entry.contactId) + 1)
    if (entry.priority === 'emergency') this.#goAhead(entries)
    if (entry.priority === 'routine' && this.#behind.has(entry.contactId))
      this.#nextTurn = Math.min(this.#nextTurn, this.#lastTurn + TURN)
    else this.#ready.push(added)
  }

  /**
   * An emergency overtakes what waits before it. So that its recipient can recognise it all the same, the first of these goes with it, which may be
   * a hello, and of the others every {@link EMERGENCY_STRIDE}th.
   */
  #goAhead(entries: ReadonlyMap<number, OutboxEntry>): void {
    let place = 0
    for (const entry of entries.values())
      if (entry.sealed && place++ % EMERGENCY_STRIDE === 0) entry.rank = rankOf('emergency')
    this.#ready.sort()
  }

  /** Forget an entry that was acknowledged or has expired. Measures the way there and back if it was sent only once. */
  remove(contactId: IdentityId, number: number, acknowledgedAt?: number): void {
    const entries = this.#entries.get(contactId)
    const entry = entries?.get(number)
    if (entry === undefined || entries === undefined) return
    entries.delete(number)
    if (entries.size === 0) this.#entries.delete(contactId)
    this.#counts.remove(entry)
    this.#forgetFresh(entry)
    this.#watcher?.gone(entry)
    if (acknowledgedAt !== undefined && entry.transmission.attempts === 1) {
      const sample = Math.max(0, acknowledgedAt - entry.transmission.lastAt)
      this.#receiptTimes.set(contactId, measureReceipt(this.#receiptTimes.get(contactId), sample))
    }
  }

  removeContact(contactId: IdentityId): void {
    for (const entry of this.of(contactId).values()) {
      this.#forgetFresh(entry)
      this.#watcher?.gone(entry)
    }
    this.#entries.delete(contactId)
    this.#counts.forget(contactId)
    this.#sealedInAll.delete(contactId)
    this.#heardAt.delete(contactId)
    this.#behind.delete(contactId)
    this.#receiptTimes.delete(contactId)
  }

  /** Up to `limit` entries to publish now that are at least so pressing, each named once, the most pressing first. */
  take(limit: number, now: number, leastRank = 0): OutboxEntry[] {
    // Earlier than before: the clock was set back, and what is due with it.
    if (now >= this.#nextTurn || now < this.#takenAt) this.#turn(now)
    this.#takenAt = now
    const taken: OutboxEntry[] = []
    while (taken.length < limit) {
      const entry = this.#ready.shift(leastRank)
      if (entry === undefined) break
      if (this.of(entry.contactId).get(entry.number) === entry) taken.push(entry)
    }
    return taken
  }

  published(entry: OutboxEntry, recipients: number, now: number, random: RandomSource): void {
    const time = this.#receiptTimes.get(entry.contactId)
    const audience = { recipients, holders: entry.holders.size }
    entry.transmission = afterPublish(entry.transmission, audience, time, now, random)
    if (recipients > 0) this.#forgetFresh(entry)
    this.#nextTurn = Math.min(this.#nextTurn, entry.transmission.nextAt)
  }

  /** The network would not take it: soon again. */
  postpone(entry: OutboxEntry, now: number): void {
    entry.transmission = { ...entry.transmission, nextAt: now + AGAIN }
    this.#nextTurn = Math.min(this.#nextTurn, entry.transmission.nextAt)
  }

  /** There is no room for it in the budget before then. */
  defer(entry: OutboxEntry, at: number): void {
    entry.transmission = { ...entry.transmission, nextAt: at }
    this.#nextTurn = Math.min(this.#nextTurn, at)
  }

  /** Somebody joined: everything that is not brand new goes out again. */
  joined(now: number): void {
    for (const entry of this.all()) if (entry.sealed) entry.transmission = afterJoin(entry.transmission, now)
    this.#nextTurn = now
  }

  /**
   * Something new came from a contact, so it can hear us again: what was repeated in vain goes out soon, the oldest first, as
   * the recipient may need it to recognise the others. Says whether anything does.
   */
  heard(contactId: IdentityId, now: number): boolean {
    if (Math.abs(now - (this.#heardAt.get(contactId) ?? -Infinity)) < LISTEN) return false
    this.#heardAt.set(contactId, now)
    const before = this.#nextTurn
    for (const entry of this.of(contactId).values()) {
      if (!entry.sealed) continue
      entry.transmission = afterHeard(entry.transmission, this.#receiptTimes.get(contactId), now)
      this.#nextTurn = Math.min(this.#nextTurn, entry.transmission.nextAt)
    }
    return this.#nextTurn < before
  }

  /** When to call {@link take} again, epoch ms; `Infinity` if nothing waits for a time. */
  nextWakeAt(): number {
    return this.#ready.isEmpty ? this.#nextTurn : 0
  }

  /** Entries whose last day is over by our own clock. */
  expired(now: number): OutboxEntry[] {
    const today = dayOf(now)
    return [...this.all()].filter((entry) => today > entry.expiryDay)
  }

  #turn(now: number): void {
    this.#lastTurn = now
    const queued = new Set(this.#ready.all())
    let next = Infinity
    for (const [contactId, entries] of this.#entries) {
      this.#behind.delete(contactId)
      const due = [...entries.values()].filter((entry) => entry.sealed && !queued.has(entry))
      let repeats = 0
      for (const entry of pressingFirst(due)) {
        if (!isDue(entry.transmission, now)) {
          next = Math.min(next, Math.max(entry.transmission.nextAt, now + TURN))
        } else if (repeats >= MAX_REPEATS_PER_TURN) {
          next = now + TURN
          this.#behind.add(contactId)
        } else {
          repeats++
          this.#ready.push(entry)
        }
      }
    }
    this.#nextTurn = next
  }

  #forgetFresh(entry: OutboxEntry): void {
    this.#freshBytes -= entry.fresh?.length ?? 0
    delete entry.fresh
  }
}

/** Those with the greatest rank first, each rank in its order. */
function pressingFirst(entries: readonly OutboxEntry[]): readonly OutboxEntry[] {
  return entries.some(({ rank }) => rank > 0)
    ? entries.toSorted((one, other) => other.rank - one.rank)
    : entries
}
