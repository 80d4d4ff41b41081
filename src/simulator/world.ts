import { MessengerError } from '../errors.js'
import type { RandomSource } from '../crypto/random.js'
import type { MemoryHub, MemoryHubOptions } from '../network/memory-network.js'
import { createMemoryHub } from '../network/memory-network.js'
import type { PeerName } from '../network/network.js'
import { createSeededRandom } from '../network/seeded-random.js'
import { checkTakes, isFunction, isNumber } from '../takes.js'
import { Person, type PersonOptions } from './person.js'
import { seededSource } from './seeded-source.js'
import type { Surroundings, WorldEvent } from './surroundings.js'
import { createVirtualClock, type VirtualClock } from './virtual-clock.js'

/** ms a commit takes, at least and at most. */
const COMMIT_TIME = [0.2, 3] as const

export interface WorldOptions extends Omit<MemoryHubOptions, 'clock' | 'seed'> {
  /** The same seed and the same calls give the same run. */
  readonly seed: number
  /** Epoch ms at which it begins. */
  readonly start?: number | undefined
}

/** An envelope that left a messenger. */
export interface Published {
  readonly by: PeerName
  readonly at: number
  readonly envelope: Uint8Array
}

/** Told of everything that happens to people, at once; `at` is world time, epoch ms. */
export type Observer = (by: PeerName, event: WorldEvent, at: number) => void

/** Whole messengers on one simulated network, with one clock and one seed. */
export class World implements Surroundings {
  readonly clock: VirtualClock
  readonly hub: MemoryHub
  readonly seed: number
  readonly published: Published[] = []
  readonly people: Person[] = []
  readonly commitDelay: () => number
  readonly #observers: Observer[] = []

  constructor(options: WorldOptions) {
    checkTakes(options, { start: [isNumber, 'epoch ms'] }, 'A world needs an object, { seed }')
    const { start, ...hub } = options
    this.seed = options.seed
    this.clock = createVirtualClock(start)
    this.hub = createMemoryHub({ ...hub, clock: this.clock })
    const random = createSeededRandom(options.seed + 1)
    this.commitDelay = () => random.between(...COMMIT_TIME)
  }

  /** Somebody with a store and a place in the network, whose messenger runs. */
  async person(name: string, options: PersonOptions = {}): Promise<Person> {
    const person = new Person(this, name, options)
    this.people.push(person)
    await person.open()
    return person
  }

  random(name: string): RandomSource {
    return seededSource(`${String(this.seed)}/${name}`)
  }

  /** Be told of everything from now on. */
  observe(observer: Observer): void {
    this.#observers.push(observer)
  }

  note(by: PeerName, event: WorldEvent): void {
    const at = this.clock.now()
    if (event.kind === 'publish') this.published.push({ by, at, envelope: event.envelope })
    for (const observer of this.#observers) observer(by, event, at)
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

  /** Let `ms` milliseconds pass. */
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

/**
 * Run `story` in a world of its own, and close everybody in it.
 *
 * @example
 * await inWorld({ seed: 1, loss: 0.2 }, async (world) => {
 *   const [alice, bob] = [await world.person('alice'), await world.person('bob')]
 *   await bob.add(await alice.card({ size: 'full' }))
 *   const message = await bob.say(alice, 'Hello')
 *   await world.until(() => bob.statusOf(message) === 'delivered')
 * })
 */
export async function inWorld(options: WorldOptions, story: (world: World) => Promise<void>): Promise<void> {
  if (!isFunction(story))
    throw new MessengerError('OPTIONS_INVALID', 'A world is for a function, async (world) => { … }')
  const world = new World(options)
  await story(world)
  await world.end()
}
