import assert from 'node:assert/strict'
import fc from 'fast-check'
import { assertNoKeyTwice, befriend } from '../support/messenger-checks.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { histories, WRONG_CLOCKS, type Model } from './history.js'

type Act =
  'say' | 'pass' | 'crash' | 'die-at-commit' | 'part' | 'heal' | 'clock' | 'copy' | 'roll-back' | 'greet'

const HOUR = 3_600_000

/** Whole messengers, everything from the card to the store, on a network that loses, doubles and reorders. */
class MessengerWorld {
  readonly #world: World
  readonly #people: readonly Person[]
  readonly #copies = new Map<Person, Person['store']>()
  readonly #accepted: { readonly by: Person; readonly to: Person; readonly text: string }[] = []
  #count = 0
  #hasRolledBack = false

  constructor(world: World, people: readonly Person[]) {
    this.#world = world
    this.#people = people
  }

  async apply(act: Act, device: number, amount: number): Promise<void> {
    const person = this.#people[device % this.#people.length]
    if (person === undefined) return
    if (!person.running) await person.open()
    const others = this.#people.filter((other) => other !== person)
    const other = others[amount % others.length]
    if (other === undefined) return
    if (act === 'say') await this.#say(person, other)
    // Both write before either can hear.
    else if (act === 'greet') await Promise.all([this.#say(person, other), this.#say(other, person)])
    else if (act === 'pass') await this.#world.pass(amount * 20)
    else if (act === 'crash') await person.crash()
    else if (act === 'die-at-commit') await this.#dieAtCommit(person, other, amount)
    else if (act === 'part') this.#world.hub.partition([[person.name], others.map(({ name }) => name)])
    else if (act === 'heal') this.#world.hub.heal()
    else if (act === 'clock') this.#setClock(person, amount)
    else if (act === 'copy') this.#copies.set(person, await person.backup())
    else await this.#rollBack(person)
  }

  /** Everybody up, clocks right, links whole: then everything accepted arrives. */
  async settle(): Promise<void> {
    this.#world.hub.heal()
    for (const person of this.#people) {
      person.clockOffset = 0
      person.fateOfCommit = () => 'pass'
      if (person.running) await person.restart()
      else await person.open()
    }
    await this.#world.eventually('all arrived', () => this.#isSettled(), 9 * 24 * HOUR, 20 * 60_000)
  }

  async assertIntact(): Promise<void> {
    for (const person of this.#people) {
      const ids = person.inbox.map(({ id }) => id)
      if (!this.#hasRolledBack) assert.equal(new Set(ids).size, ids.length, `${person.name} was told twice`)
      for (const other of this.#people.filter((one) => one !== person)) {
        const history = await person.history(other)
        assert.equal(new Set(history.map(({ id }) => id)).size, history.length, 'each message is kept once')
        const taken = new Set((await other.history(person)).filter(({ own }) => !own).map(textOf))
        // A status is never claimed: who says delivered can point at it.
        for (const message of history)
          if (message.own && message.status === 'delivered' && !this.#hasRolledBack)
            assert.ok(taken.has(textOf(message)), `${textOf(message)} is called delivered`)
      }
    }
    if (!this.#hasRolledBack) assertNoKeyTwice(this.#world.published)
  }

  async #say(by: Person, to: Person): Promise<void> {
    if (!by.running) return
    this.#count += 1
    const text = `${by.name} ${String(this.#count)}`
    await by.say(to, text)
    this.#accepted.push({ by, to, text })
  }

  /** The next commits pass, until one of them is the last of this life. */
  async #dieAtCommit(person: Person, other: Person, amount: number): Promise<void> {
    const last = person.commits + 1 + (amount % 3)
    person.fateOfCommit = (count) =>
      count === last ? (amount % 2 === 0 ? 'die-before' : 'die-after') : 'pass'
    const { conversationId } = await person.contact(other)
    // Nobody knows whether it was accepted: its text is not counted, and may arrive.
    void person.messenger.send(conversationId, `${person.name} dying`).catch(() => undefined)
    await this.#world.pass(2_000)
    person.fateOfCommit = () => 'pass'
  }

  #setClock(person: Person, amount: number): void {
    const now = this.#world.clock.now()
    person.clockOffset = (WRONG_CLOCKS[amount % WRONG_CLOCKS.length]?.(now) ?? now) - now
  }

  async #rollBack(person: Person): Promise<void> {
    const copy = this.#copies.get(person)
    if (copy === undefined) return
    await person.crash()
    person.store = copy
    this.#copies.delete(person)
    this.#hasRolledBack = true
    await person.open()
  }

  async #isSettled(): Promise<boolean> {
    // What an old copy has forgotten, nobody can ask for.
    if (this.#hasRolledBack) return await this.#isQuiet()
    for (const { by, to, text } of this.#accepted) {
      const taken = await to.history(by)
      if (
        !taken.some((message) => !message.own && textOf(message) === text) &&
        !(await this.#hasExpired(by, to, text))
      )
        return false
    }
    return true
  }

  async #hasExpired(by: Person, to: Person, text: string): Promise<boolean> {
    return (await by.history(to)).some((message) => textOf(message) === text && message.status === 'expired')
  }

  async #isQuiet(): Promise<boolean> {
    for (const person of this.#people)
      for (const other of this.#people.filter((one) => one !== person))
        for (const { own, status } of await person.history(other))
          if (own && (status === 'queued' || status === 'sent')) return false
    return true
  }
}

/** Everything together: what the parts promise, the whole keeps. */
export const messengers: Model = {
  name: 'messengers',
  proves:
    'loses nothing it accepted and shows nothing twice, through crashes, partitions, wrong clocks and old copies of a store',
  share: 2,
  usual: 6,
  async check(options) {
    const weights = {
      say: 6,
      greet: 2,
      pass: 4,
      crash: 1,
      'die-at-commit': 1,
      part: 1,
      heal: 1,
      clock: 1,
      copy: 1,
      'roll-back': 1
    }
    const arbitrary = fc.tuple(fc.constantFrom(2, 3), histories<Act>(3, weights, 14))
    const property = fc.asyncProperty(arbitrary, async ([count, { seed, steps }]) => {
      await inWorld({ seed, loss: 0.1, duplication: 0.1, reordering: 0.2 }, async (world) => {
        const people: Person[] = []
        for (const name of ['alice', 'bob', 'carol'].slice(0, count)) {
          const person = await world.person(name)
          for (const friend of people) await befriendQuietly(world, friend, person)
          people.push(person)
        }
        const history = new MessengerWorld(world, people)
        for (const { act, device, amount } of steps) await history.apply(act, device, amount)
        await history.settle()
        await history.assertIntact()
      })
    })
    // Whole messengers are too slow to look for a smaller history.
    await fc.assert(property, { ...options, endOnFailure: true })
  }
}

/** They know each other, and nothing of it is in the inbox. */
export async function befriendQuietly(world: World, one: Person, other: Person): Promise<void> {
  one.inbox.length = 0
  await befriend(world, one, other)
}
