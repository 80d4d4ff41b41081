import type { Clock } from '../../clock.js'
import type { Standing } from '../../protocol/delivery/eviction.js'
import { tagOfPurge } from '../../protocol/ratchet/kdf.js'
import { firstDay, isDayOver, type EnvelopeOutline } from '../../protocol/envelope/envelope.js'
import type { ItemIndex } from '../../protocol/sync/item-index.js'
import { shortIdKey, type Item } from '../../protocol/sync/item.js'
import { isMessengerError } from '../../errors.js'
import { MAX_KNOWN } from '../../protocol/limits.js'
import { envelopeRecord } from '../../storage/records/envelope-record.js'
import { mailboxRecord, type MailboxChange } from '../../storage/records/mailbox-record.js'
import { outboxRecord } from '../../storage/records/outbox-record.js'
import { keysUnder, parseMailboxKey, type Tables } from '../../storage/records/tables.js'
import type { Store, Write } from '../../storage/store.js'
import { MailboxChanges } from './mailbox-changes.js'
import { MailboxJournal, NO_SOURCE, sourceName, type OwnEnvelope } from './mailbox-journal.js'
import { MailboxTable } from './mailbox-table.js'
import { MailboxWrites } from './mailbox-writes.js'
import type { MailboxStatus } from '../messenger.js'
import { Purged } from './purged.js'
import { Releases, type Released } from './releases.js'

/** Share of the room that is at most made at once when it runs out, so that not every envelope makes room for itself. */
const SLACK = 1 / 32

export interface MailboxOptions {
  readonly store: Store
  readonly tables: Tables
  readonly clock: Clock
  /** Bytes of envelopes kept for others; 0: none, only their ids are known. */
  readonly quota: number
  /** Envelopes of others known by their ids alone; a test may set another bound. */
  readonly maxKnown?: number
  readonly onFailure: (error: unknown) => void
  /** Envelopes could be written. */
  readonly onStored?: () => void
}

/**
 * Sealed envelopes, of others and own, until they expire: what is reconciled with peers. Envelopes of others are written a little later
 * than they come, many together. Own ones lie in the outbox; here is only what finds them.
 */
export class Mailbox {
  readonly #options: MailboxOptions
  readonly #table = new MailboxTable()
  readonly #journal: MailboxJournal
  readonly #writes: MailboxWrites
  readonly #purged = new Purged()
  readonly #releases = new Releases()
  /** Where in the outbox own envelopes lie. */
  readonly #outboxKeys = new Map<string, string>()
  /** Envelopes that passed while it rested: their ids are known, and they would be wanted else. */
  #passed: Item[] = []
  #isResting = false
  #sweptTo: number | undefined
  #version = 0

  constructor(options: MailboxOptions) {
    this.#options = options
    this.#journal = new MailboxJournal(options.tables)
    this.#writes = new MailboxWrites({
      ...options,
      journal: this.#journal,
      onLost: (items) => {
        for (const item of items) this.#table.remove(item)
        this.#version++
      }
    })
  }

  /** Another number after every change that others may want to know of. */
  get version(): number {
    return this.#version
  }

  /** Whether it keeps what it takes, so that who has seen its ids may count on it. */
  get isCarrier(): boolean {
    return this.#options.quota > 0 && this.#table.known === 0 && !this.#isResting
  }

  /** All that is known, for reconciliation. */
  get index(): ItemIndex {
    return this.#table.index
  }

  get purged(): Purged {
    return this.#purged
  }

  /** When to call {@link releaseDue} next, epoch ms; `Infinity` if nothing is to be released. */
  get nextReleaseAt(): number {
    return this.#releases.nextAt
  }

  status(): MailboxStatus {
    return {
      envelopes: this.#table.size,
      ...this.#table.usage(this.#outboxKeys.size),
      quota: this.#options.quota,
      purged: this.#purged.size
    }
  }

  /** Read what is kept: the records of what became of envelopes, not the envelopes. */
  async load(now: number): Promise<void> {
    const { store, tables } = this.#options
    for await (const [key, value] of store.range(keysUnder(tables.mailbox))) {
      const place = parseMailboxKey(key)
      if (place === undefined) continue
      this.#journal.found(place.day, place.sequence)
      for (const change of mailboxRecord.decode(value)) this.#restore(place.day, change)
    }
    await this.expire(now)
  }

  #restore(day: number, change: MailboxChange): void {
    const item = { day, id: change.id }
    switch (change.kind) {
      case 'added': {
        const { tag, bytes, source, standing } = change
        // Known before: it was lost, and came again.
        if (!this.#table.add(item, { tag, bytes, source, standing, isStored: true }))
          this.#table.setStored(item, true)
        return
      }
      case 'removed':
        this.#table.setStored(item, false)
        this.#forgetSurplus()
        return
      case 'released':
        this.#releases.add({ item, secret: change.secret, dueAt: change.dueAt })
        return
      case 'purged':
        this.#table.remove(item)
        this.#releases.remove(change.id)
        this.#purged.add([item], change.secret, false)
        return
      case 'lost':
        this.#table.remove(item)
    }
  }

  /** Whether an envelope with this short id is here, whenever it expires. */
  hasShortId(id: Uint8Array): boolean {
    return this.#table.hasShortId(id)
  }

  hasTag(tag: Uint8Array): boolean {
    return this.#table.hasTag(tag)
  }

  /** See {@link MailboxTable.tags}. */
  tags(): Iterable<Uint8Array> {
    return this.#table.tags()
  }

  withTag(tag: Uint8Array): Item[] {
    return this.#table.withTag(tag)
  }

  /** Whether an envelope here has this tag, and no other. */
  isOnly(tag: Uint8Array): boolean {
    return this.#table.countOf(tag) === 1
  }

  /** Bytes of an envelope here; 0 if only its id is known. */
  bytesOf(item: Item): number {
    const entry = this.#table.sizeOf(item)
    if (entry === undefined) return 0
    return entry.isStored || this.#outboxKeys.has(shortIdKey(item.id)) ? entry.bytes : 0
  }

  /** Take in an envelope of somebody else; `false` if it is known, or has arrived where it was to go. */
  take(outline: EnvelopeOutline, id: Uint8Array, source: string, standing: Standing): boolean {
    const item = { day: outline.expiryDay, id }
    if (this.#purged.ofTag(outline.tag) !== undefined) return false
    const isStored = this.#options.quota > 0 && !this.#isResting
    const name = sourceName(source)
    const entry = { tag: outline.tag, bytes: outline.bytes.length, source: name, standing, isStored }
    if (!this.#table.add(item, entry)) return false
    this.#version++
    if (this.#isResting && this.#options.quota > 0) this.#passed.push(item)
    if (!isStored) {
      this.#forgetSurplus()
      return true
    }
    this.#writes.keep(item, outline.bytes)
    this.#writes.change(item.day, {
      kind: 'added',
      id,
      tag: entry.tag,
      bytes: entry.bytes,
      source: name,
      standing
    })
    this.#makeRoom()
    this.#writes.soon()
    return true
  }

  /** An own envelope is in the outbox, under `key`. */
  addOwn(item: Item, tag: Uint8Array, bytes: number, key: string): void {
    if (this.#purged.ofTag(tag) !== undefined) return
    this.#table.add(item, { tag, bytes, source: NO_SOURCE, standing: 'own', isStored: false })
    this.#version++
    this.#outboxKeys.set(shortIdKey(item.id), key)
  }

  /** An own envelope left the outbox: its id stays known, so that nobody's copy is fetched; unless nobody can have taken one. */
  dropOwn(item: Item, isForgotten = false): void {
    this.#outboxKeys.delete(shortIdKey(item.id))
    if (isForgotten) this.#table.remove(item)
  }

  /** The writes that keep an own envelope which no outbox has, in place of one before it. To be committed, then {@link keepOwn}. */
  ownWrites(own: OwnEnvelope, replaced: Item | undefined): Write[] {
    const isReplacing = replaced !== undefined && this.#table.get(replaced)?.isStored === true
    return [...this.#journal.keepOwn(own), ...(isReplacing ? this.#journal.remove(replaced) : [])]
  }

  keepOwn({ item, tag, envelope, recipient }: OwnEnvelope, replaced: Item | undefined): void {
    this.#version++
    const source = sourceName(recipient)
    this.#table.add(item, { tag, bytes: envelope.length, source, standing: 'own', isStored: true })
    if (replaced !== undefined) this.#table.setStored(replaced, false)
  }

  /** Own envelopes to this recipient that are here and in no outbox. */
  ownTo(recipient: string): Item[] {
    return this.#table.ownOf(sourceName(recipient))
  }

  /** The envelope's bytes; `undefined` if only its id is known, or if its record is damaged: then it is forgotten, and may come again. */
  async read(item: Item): Promise<Uint8Array | undefined> {
    const key = shortIdKey(item.id)
    const unwritten = this.#writes.find(item)
    if (unwritten !== undefined) return unwritten
    const { store, tables } = this.#options
    try {
      const inOutbox = this.#outboxKeys.get(key)
      if (inOutbox !== undefined) {
        const record = await store.get(inOutbox)
        return record === undefined ? undefined : outboxRecord.decode(record).envelope
      }
      if (this.#table.sizeOf(item)?.isStored !== true) return undefined
      const record = await store.get(tables.envelope(item.day, item.id))
      if (record !== undefined) return envelopeRecord.decode(record)
      // It made room meanwhile: its id stays known.
      if (this.#table.sizeOf(item)?.isStored !== true) return undefined
    } catch (error) {
      if (!isMessengerError(error, 'RECORD_DAMAGED')) throw error
    }
    this.#forget(item)
    return undefined
  }

  /** It was given to somebody. */
  forwarded(item: Item): void {
    this.#table.forwarded(item)
  }

  /**
   * Delete the envelope that this secret is the secret of, refuse it until it expires, and tell others. `false` if there is no such envelope: then
   * nothing shows that the secret is worth anything.
   */
  purge(secret: Uint8Array): boolean {
    const items = this.#table.withTag(tagOfPurge(secret))
    for (const item of items) this.#purgeItem(item, secret)
    if (items.length === 0) return false
    this.#purged.add(items, secret, true)
    this.#version++
    this.#writes.soon()
    return true
  }

  /** The writes that note these; to be committed with what the envelopes said, then {@link release}. */
  releaseWrites(released: readonly Released[]): Write[] {
    const byDay = new MailboxChanges()
    for (const { item, secret, dueAt } of released)
      byDay.add(item.day, { kind: 'released', id: item.id, secret, dueAt })
    return [...byDay.take()].map(([day, changes]) => this.#journal.note(day, changes))
  }

  release(all: readonly Released[]): void {
    for (const released of all) this.#releases.add(released)
  }

  /** Purge what has arrived here and whose time has come, and note what could not be. */
  releaseDue(now: number): void {
    for (const { item, secret } of this.#releases.takeDue(now)) {
      if (this.purge(secret)) continue
      this.#purged.add([item], secret, false)
      this.#writes.change(item.day, { kind: 'purged', id: item.id, secret })
    }
    if (this.#writes.hasChanges) this.#writes.soon()
  }

  /** Forget everything whose day is over. */
  async expire(now: number): Promise<void> {
    const isOver = (day: number): boolean => isDayOver(day, now)
    for (const item of this.#table.over(isOver)) {
      if (this.#table.remove(item)?.isStored === true) this.#writes.drop(item)
      this.#outboxKeys.delete(shortIdKey(item.id))
    }
    this.#releases.expire(isOver)
    this.#purged.expire(isOver)
    this.#writes.forgetDays(isOver)
    await this.flush()
    const first = firstDay(now)
    if (first === this.#sweptTo) return
    await this.#journal.sweep(this.#options.store, first)
    this.#sweptTo = first
  }

  /** Have the next start read less, and the store keep nothing of what is forgotten. */
  async mergeRecords(): Promise<void> {
    await this.#journal.merge(this.#options.store, (day, change) =>
      change.kind === 'purged'
        ? this.#purged.ofTag(tagOfPurge(change.secret)) === undefined
        : this.#table.sizeOf({ day, id: change.id }) === undefined
    )
  }

  /**
   * Keep nothing more for others, as the battery is low, or again. What passed meanwhile is forgotten then: it may be fetched, as it still is
   * with those who keep it.
   */
  rest(isResting: boolean): void {
    this.#isResting = isResting
    if (isResting) return
    for (const item of this.#passed) {
      const entry = this.#table.get(item)
      if (entry?.isStored === false && entry.standing !== 'own') this.#table.remove(item)
    }
    this.#passed = []
    this.#version++
  }

  /** Give up a quarter of what is kept for others: the store is full. Not another before the store has taken that. */
  relieve(): void {
    if (!this.#writes.hasDrops) this.#evict(this.#table.bytes / 4, 0)
    this.#writes.soon()
  }

  async close(): Promise<void> {
    await this.flush().catch(this.#options.onFailure)
  }

  /** Write what waits; resolves when it is durable. */
  async flush(): Promise<void> {
    await this.#writes.flush()
  }

  #makeRoom(): void {
    const { quota } = this.#options
    const excess = this.#table.bytes - quota
    if (excess > 0) this.#evict(excess, quota * SLACK)
  }

  #evict(bytes: number, slack: number): void {
    const { quota, clock } = this.#options
    for (const item of this.#table.chooseVictims(bytes, slack, quota, clock.now())) {
      this.#writes.drop(item)
      this.#table.setStored(item, false)
      this.#writes.change(item.day, { kind: 'removed', id: item.id })
    }
    this.#forgetSurplus()
  }

  /** What is forgotten may come again: that costs its transfer. */
  #forgetSurplus(): void {
    const forgotten = this.#table.chooseForgotten(this.#options.maxKnown ?? MAX_KNOWN)
    if (forgotten.length === 0) return
    for (const item of forgotten) this.#table.remove(item)
    this.#passed = this.#passed.filter((item) => this.#table.sizeOf(item) !== undefined)
  }

  #purgeItem(item: Item, secret: Uint8Array): void {
    if (this.#table.get(item)?.isStored === true) this.#writes.drop(item)
    this.#table.remove(item)
    this.#outboxKeys.delete(shortIdKey(item.id))
    this.#releases.remove(item.id)
    this.#writes.change(item.day, { kind: 'purged', id: item.id, secret })
  }

  #forget(item: Item): void {
    this.#table.remove(item)
    this.#outboxKeys.delete(shortIdKey(item.id))
    this.#version++
    this.#writes.dropRecord(item)
    this.#writes.change(item.day, { kind: 'lost', id: item.id })
    this.#writes.soon()
  }
}
