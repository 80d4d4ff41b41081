import type { IdentityId } from '../../codec/ids.js'
import { addNumber, hasNumber } from '../../protocol/delivery/ranges.js'
import { priorityOf, rankOf } from '../../protocol/message/priority.js'
import { outboxRecord } from '../../storage/records/outbox-record.js'
import { emitUpdates } from '../announce.js'
import { publishCost, type Traffic } from '../budget.js'
import type { Context } from '../context.js'
import { numbersOf, type OutboxEntry } from './outbox.js'
import { withConversation } from '../peer-state.js'
import { resealUnacknowledged } from './reseal.js'
import { renewAfterGap } from './seal.js'
import { listeners } from '../status.js'

/** Entries published together: several parcels' worth, so that the network can fill them. */
const MAX_PER_TURN = 128
/** The rank from which on nothing waits for what is less pressing. */
const LEAST_PRESSING = rankOf('urgent')

/**
 * The only caller of `network.publish`. It sends what the store holds, so a restart, a partition and a retry are one path: whatever is due goes
 * out, byte for byte as it was committed.
 */
export class Flusher {
  readonly #context: Context
  readonly #once: { readonly envelope: Uint8Array; readonly traffic: Traffic }[] = []
  #running: Promise<void> | undefined
  /** What did not wait for what is being published. */
  readonly #ahead = new Set<Promise<void>>()
  #again = false
  #cancelWake: (() => void) | undefined

  constructor(context: Context) {
    this.#context = context
  }

  /** Publish what is due: now, or right after what is being published; what is pressing does not wait for that. */
  request(): void {
    this.#again = true
    if (this.#running !== undefined) this.#overtake()
    this.#running ??= this.#tell(
      this.#run().finally(() => {
        this.#running = undefined
        if (this.#again) this.request()
        else this.#scheduleWake()
      })
    )
  }

  #overtake(): void {
    const { outbox, clock, state } = this.#context
    const entries = state.started ? outbox.take(MAX_PER_TURN, clock.now(), LEAST_PRESSING) : []
    if (entries.length === 0) return
    const ahead = this.#tell(this.#publishAll(entries)).finally(() => this.#ahead.delete(ahead))
    this.#ahead.add(ahead)
  }

  /** Publish an envelope that needs no receipt: lost, it is made anew when its cause comes again. */
  once(envelope: Uint8Array, traffic: Traffic): void {
    this.#once.push({ envelope, traffic })
    this.request()
  }

  stop(): void {
    this.#cancelWake?.()
    this.#cancelWake = undefined
  }

  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
    await Promise.all(this.#ahead)
  }

  /** Nobody waits for what is published, and what follows must come to pass all the same. */
  async #tell(publishing: Promise<void>): Promise<void> {
    await publishing.catch((error: unknown) => {
      this.#context.onFailure('publish', error)
    })
  }

  async #run(): Promise<void> {
    while (this.#again) {
      this.#again = false
      await this.#flush()
    }
  }

  async #flush(): Promise<void> {
    const context = this.#context
    if (!context.state.started) return
    for (;;) {
      const once = this.#once.splice(0)
      const entries = context.outbox.take(MAX_PER_TURN, context.clock.now())
      if (once.length === 0 && entries.length === 0) return
      await this.#publishAll(entries)
      await Promise.all(once.map(({ envelope, traffic }) => this.#publishOnce(envelope, traffic)))
    }
  }

  async #publishAll(entries: readonly OutboxEntry[]): Promise<void> {
    // Loaded before the first leaves: those that need no loading must not overtake the others.
    const envelopes = await Promise.all(
      entries.map(async (entry) => entry.fresh ?? (await this.#load(entry)))
    )
    await Promise.all(entries.map((entry, at) => this.#publish(entry, envelopes[at])))
  }

  async #publish(entry: OutboxEntry, envelope: Uint8Array | undefined): Promise<void> {
    const { outbox, clock, random } = this.#context
    const traffic = priorityOf(entry.rank)
    const cost = publishCost(envelope?.length ?? 0, this.#listeners())
    if (!this.#context.budget.allows(traffic, cost)) {
      outbox.defer(entry, this.#context.budget.allowsAt(traffic, cost))
      return
    }
    // What could not be read is tried again, like what the network refused.
    const recipients = envelope === undefined ? undefined : await this.#tryPublish(envelope, entry.rank)
    if (recipients === undefined) outbox.postpone(entry, clock.now())
    else outbox.published(entry, recipients, clock.now(), random)
  }

  async #publishOnce(envelope: Uint8Array, traffic: Traffic): Promise<void> {
    if (this.#context.budget.allows(traffic, publishCost(envelope.length, this.#listeners())))
      await this.#tryPublish(envelope)
  }

  /** To how many an envelope goes now, where it matters. */
  #listeners(): number {
    return this.#context.budget.isBounded ? listeners(this.#context) : 0
  }

  async #load(entry: OutboxEntry): Promise<Uint8Array | undefined> {
    try {
      const bytes = await this.#context.store.get(this.#context.tables.outbox(entry.contactId, entry.number))
      return bytes === undefined ? undefined : outboxRecord.decode(bytes).envelope
    } catch (error) {
      this.#context.onFailure('outbox', error)
      return undefined
    }
  }

  /** To how many it was handed; `undefined` if the network failed. */
  async #tryPublish(envelope: Uint8Array, rank = 0): Promise<number | undefined> {
    try {
      const { network, topic } = this.#context
      return (await network.publish(topic, envelope, { rank })).recipients
    } catch (error) {
      this.#context.onFailure('publish', error)
      return undefined
    }
  }

  /** Messages whose life is over: said to the app, and no longer sent. */
  async expire(): Promise<void> {
    const { outbox, clock, queue, tables } = this.#context
    for (const [contactId, entries] of groupByContact(outbox.expired(clock.now()))) {
      await queue
        .run(contactId, async (unit) => {
          for (const { number } of entries) unit.delete(tables.outbox(contactId, number))
          if (unit.state !== undefined) {
            const { delivered, expired } = unit.state.conversation
            const numbers = entries.flatMap(numbersOf).filter((number) => !hasNumber(delivered, number))
            unit.state = withConversation(unit.state, { expired: numbers.reduce(addNumber, expired) })
          }
          const wereSealed = entries.some(({ sealed }) => sealed)
          if (wereSealed && renewAfterGap(this.#context, unit))
            await resealUnacknowledged(this.#context, unit)
          unit.after(() => {
            for (const { number } of entries) outbox.remove(contactId, number)
            emitUpdates(
              this.#context,
              contactId,
              entries.flatMap(({ positions }) => positions)
            )
          })
        })
        .catch((error: unknown) => {
          this.#context.onFailure('outbox', error)
        })
    }
  }

  #scheduleWake(): void {
    this.stop()
    const at = this.#context.outbox.nextWakeAt()
    if (!Number.isFinite(at) || !this.#context.state.started) return
    const delay = Math.max(0, at - this.#context.clock.now())
    this.#cancelWake = this.#context.clock.schedule(delay, () => {
      this.request()
    })
  }
}

function groupByContact(entries: readonly OutboxEntry[]): Map<IdentityId, OutboxEntry[]> {
  const groups = new Map<IdentityId, OutboxEntry[]>()
  for (const entry of entries) groups.set(entry.contactId, [...(groups.get(entry.contactId) ?? []), entry])
  return groups
}
