import type { RandomSource } from '../../src/crypto/random.js'
import type { MemoryHub, MemoryHubOptions } from '../../src/network/memory-network.js'
import { createMemoryHub } from '../../src/network/memory-network.js'
import type { PeerName } from '../../src/network/network.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import type { FakeClock } from './fake-clock.js'
import { createFakeClock } from './fake-clock.js'
import { Person, type PersonOptions } from './messenger-person.js'
import { seededRandom } from './store-random.js'

export interface WorldOptions extends Omit<MemoryHubOptions, 'clock' | 'seed'> {
  readonly seed: number
  /** Epoch ms at which it begins. */
  readonly start?: number
}

/** An envelope that left a messenger. */
export interface Published {
  readonly by: PeerName
  readonly at: number
  readonly envelope: Uint8Array
}

/** Whole messengers on one simulated network, with one clock and one seed. */
export class World {
  readonly clock: FakeClock
  readonly hub: MemoryHub
  readonly seed: number
  readonly published: Published[] = []
  readonly people: Person[] = []
  readonly #commitDelay: () => number

  constructor(options: WorldOptions) {
    const { start, ...hub } = options
    this.seed = options.seed
    this.clock = createFakeClock(start)
    this.hub = createMemoryHub({ ...hub, clock: this.clock })
    const random = createSeededRandom(options.seed + 1)
    this.#commitDelay = () => random.between(0.2, 3)
  }

  /** Somebody with a store and a place in the network, whose messenger runs. */
  async person(name: string, options: PersonOptions = {}): Promise<Person> {
    const person = new Person(this, name, this.#commitDelay, options)
    this.people.push(person)
    await person.open()
    return person
  }

  random(name: string): RandomSource {
    return seededRandom(`${String(this.seed)}/${name}`)
  }

  /** Let time pass until `promise` has settled. */
  async run<T>(promise: Promise<T>, limitMs = 120_000): Promise<T> {
    let settled = false
    const settle = (): void => {
      settled = true
    }
    promise.then(settle, settle)
    await this.clock.runUntil(() => settled, limitMs)
    return promise
  }

  /** Let time pass until `predicate` holds. */
  async until(predicate: () => boolean, limitMs = 120_000): Promise<void> {
    try {
      await this.clock.runUntil(predicate, limitMs)
    } catch (error) {
      throw new Error(`${this.#story()}: ${predicate.toString()}`, { cause: error })
    }
  }

  /** Let time pass, `stepMs` at a time, until an asynchronous `predicate` holds. */
  async eventually(
    what: string,
    predicate: () => Promise<boolean>,
    limitMs = 600_000,
    stepMs = 500
  ): Promise<void> {
    const end = this.clock.now() + limitMs
    while (!(await this.run(predicate()))) {
      if (this.clock.now() > end) throw new Error(`${this.#story()}: never ${what}`)
      await this.clock.advance(stepMs)
    }
  }

  async pass(ms: number): Promise<void> {
    await this.clock.advance(ms)
  }

  /** Close every messenger that still runs. */
  async end(): Promise<void> {
    for (const person of this.people) if (person.running) await this.run(person.close())
  }

  #story(): string {
    const people = this.people.map(
      (person) =>
        `${person.name} got ${String(person.inbox.length)}, refused ${[...new Set(person.refused)].join('/') || 'nothing'}`
    )
    return `seed ${String(this.seed)} (${people.join('; ')})`
  }
}

/** Run `story` in a world of its own, and close everybody in it. */
export async function inWorld(options: WorldOptions, story: (world: World) => Promise<void>): Promise<void> {
  const world = new World(options)
  await story(world)
  await world.end()
}
