import { isMessengerError } from '../errors.js'
import type { Priority } from '../protocol/message/priority.js'
import type { OutboxItem } from '../storage/records/outbox-record.js'
import { keysUnder } from '../storage/records/tables.js'
import type { Store, Write } from '../storage/store.js'
import type { PeerState } from './peer-state.js'

/** A message that a step sends. */
export interface Outgoing extends OutboxItem {
  readonly number: number
  readonly expiryDay: number
  readonly priority: Priority
}

/** What the steps of one commit come to. A step works on a {@link Unit}, so that one that throws leaves nothing here. */
export class Draft {
  state: PeerState | undefined
  sealed = 0
  readonly writes = new Map<string, Write>()
  readonly effects: (() => void)[] = []
  outgoing: readonly Outgoing[] = []

  constructor(state: PeerState | undefined) {
    this.state = state
  }

  /** Take over what a step came to. */
  add(unit: Unit): void {
    this.state = unit.state
    this.sealed = unit.sealed
    for (const write of unit.writes) this.writes.set(write.key, write)
    this.effects.push(...unit.effects)
    // What was sent to a contact that is removed is gone with it.
    this.outgoing = unit.state === undefined ? [] : [...this.outgoing, ...unit.outgoing]
  }
}

/**
 * What one step works on: the contact's state, reads that see what earlier steps of the same commit wrote, writes, and what is to
 * happen once all of it is durable.
 */
export class Unit {
  state: PeerState | undefined
  /** Messages sealed by steps of this commit and not in the outbox's count yet. */
  sealed: number
  readonly writes: Write[] = []
  readonly effects: (() => void)[] = []
  readonly outgoing: Outgoing[] = []
  readonly #store: Pick<Store, 'get' | 'range'>
  readonly #earlier: ReadonlyMap<string, Write>
  readonly #sentEarlier: number

  constructor(store: Pick<Store, 'get' | 'range'>, { state, sealed, writes, outgoing }: Draft) {
    this.state = state
    this.sealed = sealed
    this.#store = store
    this.#earlier = writes
    this.#sentEarlier = outgoing.length
  }

  /** Messages that this commit sends so far, which the outbox does not count yet. */
  get sending(): number {
    return this.#sentEarlier + this.outgoing.length
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
    return [...(await this.records(prefix)).keys()]
  }

  /** The bytes under every key that begins with `prefix`. */
  async records(prefix: string): Promise<ReadonlyMap<string, Uint8Array>> {
    const records = new Map<string, Uint8Array>()
    for await (const [key, value] of this.#store.range(keysUnder(prefix))) records.set(key, value)
    for (const write of [...this.#earlier.values(), ...this.writes]) {
      if (!write.key.startsWith(prefix)) continue
      if (write.type === 'put') records.set(write.key, write.value)
      else records.delete(write.key)
    }
    return records
  }

  /** What this commit puts under a prefix, by key, whatever the store has. */
  puts(prefix: string): ReadonlyMap<string, Uint8Array> {
    const puts = new Map<string, Uint8Array>()
    for (const write of [...this.#earlier.values(), ...this.writes])
      if (write.type === 'put' && write.key.startsWith(prefix)) puts.set(write.key, write.value)
    return puts
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
