import type { MemoryHub } from '../network/memory-network.js'
import type { PeerName } from '../network/network.js'
import type { Encounter } from './contact-trace.js'

/** Who is near whom, and whose radio fails to hear whom all the same; tells the hub which directions are open. */
export class Terrain {
  readonly #hub: MemoryHub
  readonly #names: readonly PeerName[]
  /** How many encounters of a pair go on. */
  readonly #near = new Map<string, number>()
  /** How many disturbances of a direction go on. */
  readonly #deaf = new Map<string, number>()

  /** At first nobody is near anybody. */
  constructor(hub: MemoryHub, names: readonly PeerName[]) {
    this.#hub = hub
    this.#names = names
    hub.partition(names.map((name) => [name]))
  }

  meet({ one, other }: Pick<Encounter, 'one' | 'other'>): void {
    this.#change(this.#near, pair(one, other), 1)
    this.#apply(one, other)
    this.#apply(other, one)
  }

  part({ one, other }: Pick<Encounter, 'one' | 'other'>): void {
    this.#change(this.#near, pair(one, other), -1)
    this.#apply(one, other)
    this.#apply(other, one)
  }

  /** Let nothing of `from` reach `to`, until {@link hear}. */
  deafen(from: number, to: number): void {
    this.#change(this.#deaf, direction(from, to), 1)
    this.#apply(from, to)
  }

  hear(from: number, to: number): void {
    this.#change(this.#deaf, direction(from, to), -1)
    this.#apply(from, to)
  }

  /** End every {@link deafen}. */
  hearAll(): void {
    const deaf = [...this.#deaf.keys()]
    this.#deaf.clear()
    for (const key of deaf) {
      const [from = 0, to = 0] = key.split(' ').map(Number)
      this.#apply(from, to)
    }
  }

  #change(counts: Map<string, number>, key: string, by: number): void {
    const count = (counts.get(key) ?? 0) + by
    if (count > 0) counts.set(key, count)
    else counts.delete(key)
  }

  #apply(from: number, to: number): void {
    const [one, other] = [this.#names[from], this.#names[to]]
    if (one === undefined || other === undefined) return
    if (this.#near.has(pair(from, to)) && !this.#deaf.has(direction(from, to))) this.#hub.heal(one, other)
    else this.#hub.cut(one, other)
  }
}

function pair(one: number, other: number): string {
  return direction(Math.min(one, other), Math.max(one, other))
}

function direction(from: number, to: number): string {
  return `${String(from)} ${String(to)}`
}
