import { isMessengerError, MessengerError } from '../errors.js'
import type { Network, PeerName } from '../network/network.js'
import type { SeededRandom } from '../network/seeded-random.js'
import type { Checker, Letter } from './checker.js'
import type { CommitFate } from './life.js'
import type { Person, PersonOptions } from './person.js'
import type { Plan } from './plan.js'
import type { Step } from './schedule.js'
import { Terrain } from './terrain.js'
import type { World } from './world.js'

/** Codes with which a messenger may refuse something while faults befall it. */
const EXPECTED = ['STORE_FULL', 'UNKNOWN_CONTACT', 'CLOSED', 'NETWORK_FAILED'] as const

/** The people of a run, and what is done to them. Nothing here lets time pass but {@link populate}. */
export class Run {
  readonly people: Person[] = []
  readonly terrain: Terrain
  readonly #world: World
  readonly #checker: Checker
  readonly #full = new Set<number>()
  /** Who returns in the morning, whatever happened. */
  readonly #asleep = new Set<number>()
  /** Who dies, after how many commits, and of what. */
  readonly #dying = new Map<
    number,
    { readonly commits: number; readonly fate: CommitFate; readonly down: number }
  >()
  deaths = 0

  private constructor(world: World, checker: Checker, people: readonly Person[]) {
    this.#world = world
    this.#checker = checker
    this.people.push(...people)
    this.terrain = new Terrain(
      world.hub,
      people.map(({ name }) => name)
    )
    for (const [who, person] of people.entries()) person.fateOfCommit = () => this.#fateOf(who)
    world.observe((_, { kind }) => {
      if (kind === 'death') this.deaths += 1
    })
  }

  /** Open everybody, and let acquaintances have each other's cards. */
  static async populate(
    world: World,
    checker: Checker,
    plan: Plan,
    pairs: readonly (readonly [number, number])[],
    optionsOf: (name: PeerName) => PersonOptions,
    random: SeededRandom
  ): Promise<Run> {
    const people: Person[] = []
    for (let index = 0; index < plan.nodes; index += 1) {
      const name = `n${String(index)}`
      const person = await world.person(name, {
        clockOffset: random.between(-plan.clockOffset, plan.clockOffset),
        clockDrift: random.between(-plan.clockDrift, plan.clockDrift),
        ...(plan.quota === 0 ? {} : { messenger: { mailbox: { quota: Math.floor(plan.quota) } } }),
        ...(plan.addressed ? {} : { wrapNetwork: withoutAddresses }),
        ...optionsOf(name)
      })
      checker.introduce(name, person.id)
      people.push(person)
    }
    for (const [one, other] of pairs) {
      const card = await people[other]?.card({ size: 'full' })
      if (card !== undefined) await people[one]?.add(card)
    }
    return new Run(world, checker, people)
  }

  perform(step: Step): void {
    switch (step.kind) {
      case 'meet':
        this.terrain.meet(step)
        break
      case 'part':
        this.terrain.part(step)
        break
      case 'deafen':
        this.terrain.deafen(step.from, step.to)
        break
      case 'hear':
        this.terrain.hear(step.from, step.to)
        break
      case 'say':
        this.#say(step.from, step.to, step.text)
        break
      case 'die':
        this.#die(step)
        break
      case 'leave':
        this.#attend(this.people[step.who]?.close())
        break
      case 'sleep':
        this.#asleep.add(step.who)
        this.#attend(this.people[step.who]?.close())
        break
      case 'return':
        this.#return(step.who)
        break
      case 'fill':
        this.#full.add(step.who)
        break
      case 'free':
        this.#full.delete(step.who)
        break
      case 'jump': {
        const person = this.people[step.who]
        if (person !== undefined) person.clockOffset = step.offset
      }
    }
  }

  /** Nothing fails any more, and everybody runs. Who is near whom stays as it is. */
  heal(): void {
    this.#full.clear()
    this.#asleep.clear()
    this.#dying.clear()
    this.terrain.hearAll()
    this.#world.hub.disturb({ loss: 0, duplication: 0, reordering: 0, corruption: 0 })
    for (const who of this.people.keys()) this.#return(who)
  }

  /** Everybody is near everybody. */
  gather(): void {
    this.#world.hub.heal()
  }

  #fateOf(who: number): CommitFate {
    const dying = this.#dying.get(who)
    if (dying !== undefined && dying.commits > 1)
      this.#dying.set(who, { ...dying, commits: dying.commits - 1 })
    if (dying?.commits === 1) {
      this.#dying.delete(who)
      this.#returnAfter(who, dying.down)
      return dying.fate
    }
    return this.#full.has(who) ? new MessengerError('STORE_FULL', 'The simulated disk is full') : 'pass'
  }

  #die({ who, death, moment, commits, down }: Extract<Step, { kind: 'die' }>): void {
    const person = this.people[who]
    if (person === undefined) return
    if (moment === 'now') {
      person.life.kill(death)
      this.#returnAfter(who, down)
      return
    }
    const fate = death === 'kill' ? (`die-${moment}` as const) : (`cut-${moment}` as const)
    this.#dying.set(who, { commits, fate, down })
  }

  #returnAfter(who: number, down: number): void {
    this.#world.clock.schedule(down, () => {
      this.#return(who)
    })
  }

  #return(who: number): void {
    if (!this.#asleep.has(who)) this.#attend(this.people[who]?.begin())
  }

  #say(from: number, to: number, text: string): void {
    const [person, recipient] = [this.people[from], this.people[to]]
    if (person?.running !== true || recipient === undefined) return
    this.#attend(this.#send(person, recipient, text))
  }

  async #send(person: Person, recipient: Person, text: string): Promise<void> {
    const { messenger } = person
    const { id } = await messenger.conversations.direct(recipient.id)
    const letter: Letter = this.#checker.attempt(person.name, recipient.name, text)
    await messenger.send(id, text)
    letter.isAcknowledged = true
  }

  /** Whatever fails must fail with an error that says so. */
  #attend(action: Promise<unknown> | undefined): void {
    action?.catch((error: unknown) => {
      if (!EXPECTED.some((code) => isMessengerError(error, code)))
        this.#checker.fail('errors-are-known', String(error))
    })
  }
}

/** A network whose node cannot be dialled: it is linked with who is near. */
function withoutAddresses(network: Network): Network {
  return { ...network, addresses: () => [] }
}
