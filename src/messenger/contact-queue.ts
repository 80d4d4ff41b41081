import type { IdentityId } from '../codec/ids.js'
import { isMessengerError } from '../errors.js'
import type { Priority } from '../protocol/message/priority.js'
import { keysUnder, type Tables } from '../storage/records/tables.js'
import type { OutboxItem } from '../storage/records/outbox-record.js'
import type { Store, Write } from '../storage/store.js'
import { stateWrites, type PeerState } from './peer-state.js'

/** Steps that share one commit at most: more would make the first wait for the last. */
const MAX_STEPS_PER_COMMIT = 128

/** A message that a step sends. */
export interface Outgoing extends OutboxItem {
  readonly number: number
  readonly expiryDay: number
  readonly priority: Priority
}

/**
 * What one step works on: the contact's state, reads that see what earlier steps of the same commit wrote, writes, and what is to
 * happen once all of it is durable.
 */
export class Unit {
  state: PeerState | undefined
  readonly #earlier: ReadonlyMap<string, Write>
  readonly #store: Pick<Store, 'get' | 'range'>
  readonly writes: Write[] = []
  readonly effects: (() => void)[] = []
  readonly outgoing: Outgoing[] = []
  /** Messages sealed by steps of this commit and not in the outbox's count yet. */
  sealed: number

  constructor(
    state: PeerState | undefined,
    store: Pick<Store, 'get' | 'range'>,
    earlier: ReadonlyMap<string, Write>,
    sealed = 0
  ) {
    this.state = state
    this.sealed = sealed
    this.#store = store
    this.#earlier = earlier
  }

  /** The bytes under `key`; `undefined` too if they are damaged, which no step can mend. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const write = this.writes.findLast((candidate) => candidate.key === key) ?? this.#earlier.get(key)
    if (write !== undefined) return write.type === 'put' ? write.value : undefined
    try {
      return await this.#store.get(key)
    } catch (error) {
      if (isMessengerError(error, 'RECORD_DAMAGED')) return undefined
      throw error
    }
  }

  /** Every key that begins with `prefix`. */
  async keys(prefix: string): Promise<string[]> {
    const keys = new Set<string>()
    for await (const [key] of this.#store.range(keysUnder(prefix))) keys.add(key)
    for (const { type, key } of [...this.#earlier.values(), ...this.writes]) {
      if (!key.startsWith(prefix)) continue
      if (type === 'put') keys.add(key)
      else keys.delete(key)
    }
    return [...keys]
  }

  /** Keys under a prefix that this commit writes, whatever the store has. */
  putKeys(prefix: string): string[] {
    const written = [...this.#earlier.values(), ...this.writes].filter(
      ({ key, type }) => type === 'put' && key.startsWith(prefix)
    )
    return written.map(({ key }) => key)
  }

  put(key: string, value: Uint8Array): void {
    this.writes.push({ type: 'put', key, value })
  }

  delete(key: string): void {
    this.writes.push({ type: 'delete', key })
  }

  /** Put a message into the outbox with this commit: those of all its steps are sealed together. */
  send(message: Outgoing): void {
    this.outgoing.push(message)
  }

  /** Run after the commit, in order; must not throw. */
  after(effect: () => void): void {
    this.effects.push(effect)
  }
}

type Step<Result> = (unit: Unit) => Result | Promise<Result>

interface Waiting {
  readonly run: (unit: Unit) => Promise<void>
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

export interface ContactQueueOptions {
  readonly store: Store
  readonly tables: Tables
  /** Seals and stores what the steps of a commit send, as its last step. */
  readonly seal: (unit: Unit, outgoing: readonly Outgoing[]) => Promise<void>
  /** Called after a commit, before effects: indexes follow the state. */
  readonly onChange: (id: IdentityId, before: PeerState | undefined, after: PeerState | undefined) => void
  /** Resolves when this turn of the event loop is over. */
  readonly turnEnd: () => Promise<void>
  readonly onCommitFailed: (error: unknown) => void
  /** Something that follows a commit threw: a defect, or a part of the app's own. */
  readonly onEffectFailed: (error: unknown) => void
}

/**
 * One at a time per contact: steps that arrive while a commit is under way run together and share the next one. A step that throws
 * leaves no trace; a commit that fails undoes all its steps.
 */
export class ContactQueue {
  readonly #options: ContactQueueOptions
  readonly #states = new Map<IdentityId, PeerState>()
  readonly #waiting = new Map<IdentityId, Waiting[]>()
  readonly #running = new Set<Promise<void>>()

  constructor(options: ContactQueueOptions) {
    this.#options = options
  }

  /** Committed states, by contact. */
  get states(): ReadonlyMap<IdentityId, PeerState> {
    return this.#states
  }

  /** Take over a state read from the store at start. */
  restore(state: PeerState): void {
    this.#states.set(state.contact.id, state)
    this.#options.onChange(state.contact.id, undefined, state)
  }

  /** Run a step on a contact's state; resolves with its result once the commit is durable. */
  run<Result>(id: IdentityId, step: Step<Result>): Promise<Result> {
    return new Promise<Result>((resolve, reject) => {
      const outcome: { result?: Result } = {}
      this.#enqueue(id, {
        run: async (unit) => {
          outcome.result = await step(unit)
        },
        resolve: () => {
          if ('result' in outcome) resolve(outcome.result)
        },
        reject
      })
    })
  }

  /** Resolves when nothing is queued or being committed. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running)
  }

  #enqueue(id: IdentityId, waiting: Waiting): void {
    const queue = this.#waiting.get(id)
    if (queue !== undefined) {
      queue.push(waiting)
      return
    }
    this.#waiting.set(id, [waiting])
    const running = this.#drain(id).finally(() => this.#running.delete(running))
    this.#running.add(running)
  }

  async #drain(id: IdentityId): Promise<void> {
    for (;;) {
      // A turn later, so that steps queued together share a commit.
      await Promise.resolve()
      const queue = this.#waiting.get(id) ?? []
      const batch = queue.splice(0, MAX_STEPS_PER_COMMIT)
      if (batch.length === 0) break
      await this.#runBatch(id, batch)
      // Between commits that took no waiting, the network has its turn.
      if (queue.length > 0) await this.#options.turnEnd()
    }
    this.#waiting.delete(id)
  }

  async #runBatch(id: IdentityId, batch: readonly Waiting[]): Promise<void> {
    const before = this.#states.get(id)
    const written = new Map<string, Write>()
    const effects: (() => void)[] = []
    const done: Waiting[] = []
    const outgoing: Outgoing[] = []
    let state = before
    let sealed = 0
    const take = (unit: Unit): void => {
      state = unit.state
      sealed = unit.sealed
      for (const write of unit.writes) written.set(write.key, write)
      effects.push(...unit.effects)
      // What was sent to a contact that is removed is gone with it.
      if (state === undefined) outgoing.length = 0
      else outgoing.push(...unit.outgoing)
    }
    for (const waiting of batch) {
      const unit = new Unit(state, this.#options.store, written, sealed)
      try {
        await waiting.run(unit)
      } catch (error) {
        waiting.reject(error)
        continue
      }
      take(unit)
      done.push(waiting)
    }
    try {
      if (outgoing.length > 0) {
        const last = new Unit(state, this.#options.store, written, sealed)
        await this.#options.seal(last, outgoing)
        take(last)
      }
      await this.#commit(before, state, written)
    } catch (error) {
      for (const waiting of done) waiting.reject(error)
      this.#run(() => this.#options.onCommitFailed(error))
      return
    }
    if (state === undefined) this.#states.delete(id)
    else this.#states.set(id, state)
    if (before !== state) this.#run(() => this.#options.onChange(id, before, state))
    for (const effect of effects) this.#run(effect)
    for (const waiting of done) waiting.resolve()
  }

  /** What follows a commit must not stop the contact's next steps. */
  #run(effect: () => void): void {
    try {
      effect()
    } catch (error) {
      this.#options.onEffectFailed(error)
    }
  }

  async #commit(
    before: PeerState | undefined,
    after: PeerState | undefined,
    written: ReadonlyMap<string, Write>
  ): Promise<void> {
    const writes = [...written.values()]
    if (after !== undefined && after !== before)
      writes.push(...stateWrites(this.#options.tables, before, after))
    if (writes.length > 0) await this.#options.store.commit(writes)
  }
}
