import type { Clock } from '../../clock.js'
import { shortIdKey, type Item } from '../../protocol/sync/item.js'
import type { MailboxChange } from '../../storage/records/mailbox-record.js'
import type { Store, Write } from '../../storage/store.js'
import { MailboxChanges } from './mailbox-changes.js'
import type { MailboxJournal } from './mailbox-journal.js'

/** How long an envelope of others waits for more before it is written, ms: after a crash it is fetched again. */
const COLLECT = 200
/** The same after a write has failed. */
const COLLECT_AFTER_FAILURE = 5_000
/** Bytes that wait no longer. */
const MAX_WAITING_BYTES = 1024 * 1024

const NOTHING_TO_WRITE = Promise.resolve()

export interface MailboxWritesOptions {
  readonly store: Store
  readonly clock: Clock
  readonly journal: MailboxJournal
  readonly onFailure: (error: unknown) => void
  /** Envelopes could be written. */
  readonly onStored?: () => void
  /** These could not be written. Nobody was told that they are kept: they come again. */
  readonly onLost: (items: readonly Item[]) => void
}

/** What the mailbox has still to write: envelopes of others, what became of them and which go, many together a little later. */
export class MailboxWrites {
  readonly #options: MailboxWritesOptions
  /** Envelopes that are not written yet, and those being written. */
  #waiting = new Map<string, { readonly item: Item; readonly envelope: Uint8Array }>()
  #writing: ReadonlyMap<string, { readonly envelope: Uint8Array }> = new Map()
  readonly #changes = new MailboxChanges()
  #drops: Write[] = []
  #waitingBytes = 0
  #cancelFlush: (() => void) | undefined
  #flushing: Promise<void> = NOTHING_TO_WRITE
  #underWay = 0
  #collect = COLLECT

  constructor(options: MailboxWritesOptions) {
    this.#options = options
  }

  get hasChanges(): boolean {
    return !this.#changes.isEmpty
  }

  /** Whether records wait to be deleted. */
  get hasDrops(): boolean {
    return this.#drops.length > 0
  }

  /** An envelope that is not written yet. */
  find(item: Item): Uint8Array | undefined {
    const key = shortIdKey(item.id)
    return (this.#waiting.get(key) ?? this.#writing.get(key))?.envelope
  }

  keep(item: Item, envelope: Uint8Array): void {
    this.#waiting.set(shortIdKey(item.id), { item, envelope })
    this.#waitingBytes += envelope.length
  }

  /** The envelope's record goes with the next write; one that is not written yet never is. */
  drop(item: Item): void {
    const key = shortIdKey(item.id)
    this.#waitingBytes -= this.#waiting.get(key)?.envelope.length ?? 0
    if (!this.#waiting.delete(key)) this.dropRecord(item)
  }

  /** The record under which an envelope lies goes, whatever waits. */
  dropRecord(item: Item): void {
    this.#drops.push(this.#options.journal.drop(item))
  }

  change(day: number, change: MailboxChange): void {
    this.#changes.add(day, change)
  }

  /** What was noted of days that are over goes with the next write; what was not, never is. */
  forgetDays(isOver: (day: number) => boolean): void {
    this.#changes.expire(isOver)
    this.#drops = [...this.#drops, ...this.#options.journal.forgetDays(isOver)]
  }

  soon(): void {
    if (this.#waitingBytes >= MAX_WAITING_BYTES) this.#flushNow()
    else
      this.#cancelFlush ??= this.#options.clock.schedule(this.#collect, () => {
        this.#flushNow()
      })
  }

  /** Write what waits; resolves when it is durable. */
  flush(): Promise<void> {
    this.#cancelFlush?.()
    this.#cancelFlush = undefined
    // Asked for with every frame of a session, and mostly there is nothing.
    const isIdle = this.#underWay === 0 && this.#waiting.size === 0 && this.#drops.length === 0
    return isIdle && this.#changes.isEmpty ? NOTHING_TO_WRITE : this.#writeInTurn()
  }

  async #writeInTurn(): Promise<void> {
    const before = this.#flushing
    this.#underWay++
    const turn = (async () => {
      await before.catch(() => undefined)
      await this.#write()
    })().finally(() => this.#underWay--)
    this.#flushing = turn
    await turn
  }

  async #write(): Promise<void> {
    const { store, journal, onStored, onLost } = this.#options
    const [writing, noted, drops] = [this.#waiting, this.#changes.take(), this.#drops]
    // What was dropped first: it may have come again meanwhile.
    const writes = [...drops]
    for (const { item, envelope } of writing.values()) writes.push(journal.keep(item, envelope))
    for (const [day, changes] of noted) writes.push(journal.note(day, changes))
    this.#writing = writing
    this.#waiting = new Map()
    this.#waitingBytes = 0
    this.#drops = []
    if (writes.length === 0) return
    try {
      await store.commit(writes)
      this.#collect = COLLECT
      // Not where records were only deleted: a full disk may still do that.
      if (writing.size > 0) onStored?.()
    } catch (error) {
      this.#collect = COLLECT_AFTER_FAILURE
      onLost([...writing.values()].map(({ item }) => item))
      // What else happened is noted with the next write.
      this.#drops = [...drops, ...this.#drops]
      this.#changes.putBack(noted, (id) => writing.has(shortIdKey(id)))
      throw error
    } finally {
      this.#writing = new Map()
    }
  }

  #flushNow(): void {
    this.flush().catch(this.#options.onFailure)
  }
}
