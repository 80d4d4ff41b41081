import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Clock } from '../../src/clock.js'
import { encodeConversationId, type ConversationId } from '../../src/codec/ids.js'
import { isMessengerError, type ErrorCode } from '../../src/errors.js'
import type { Messenger } from '../../src/messenger/messenger.js'
import { textOf, type Person } from '../../src/simulator/person.js'
import { inWorld, type World } from '../../src/simulator/world.js'
import { countOf } from '../support/messenger-count.js'
import { histories, picked, type Model, type Step } from './history.js'
import { befriendQuietly } from './messengers.js'

/** What each call may reject with, beside `CLOSED` once its messenger was closed. */
const MAY_SAY = {
  start: [],
  stop: [],
  send: ['UNKNOWN_CONVERSATION', 'ABORTED'],
  sync: ['NOT_STARTED', 'ABORTED'],
  dial: ['ADDRESS_INVALID', 'DIAL_FAILED', 'NOT_STARTED', 'ABORTED'],
  export: ['OPTIONS_INVALID', 'ABORTED', 'UNKNOWN_CONTACT'],
  import: ['FILE_INVALID', 'ABORTED'],
  add: ['CARD_INVALID', 'CARD_OF_SELF'],
  look: ['UNKNOWN_CONTACT'],
  change: ['UNKNOWN_CONTACT'],
  read: ['UNKNOWN_CONVERSATION'],
  'mark-read': ['UNKNOWN_CONVERSATION'],
  renew: [],
  remove: ['UNKNOWN_CONTACT'],
  close: [],
  wipe: []
} as const satisfies Readonly<Record<string, readonly ErrorCode[]>>

type Call = keyof typeof MAY_SAY
type Act = Call | 'part' | 'heal'
type Chance = Pick<Step<Act>, 'pick' | 'amount'>

/** A conversation that nobody has. */
const NOBODY = encodeConversationId(new Uint8Array(20))

/** What a sink, a source or a listener of the app's own throws. */
class OwnError extends Error {}

/** A clock that knows which of its timers wait. */
function countingClock(clock: Clock, timers: Set<object>): Clock {
  return {
    now: () => clock.now(),
    schedule(delay, wake) {
      const timer = {}
      timers.add(timer)
      const cancel = clock.schedule(delay, () => {
        timers.delete(timer)
        wake()
      })
      return () => {
        timers.delete(timer)
        cancel()
      }
    }
  }
}

/** Calls of everything there is to call, many of them under way at once, on messengers that run, stop, close or have closed. */
class Storm {
  readonly #world: World
  readonly #people: readonly Person[]
  /** The last messenger of each, closed or not. */
  readonly #messengers = new Map<Person, Messenger>()
  readonly #timers: ReadonlyMap<Person, ReadonlySet<object>>
  readonly #calls: { readonly name: string; readonly over: Promise<void>; isOver: boolean }[] = []
  readonly #sent: { readonly by: Person; readonly to: Person; readonly text: string }[] = []
  readonly #cards: string[] = []
  readonly #files: Uint8Array[][] = []
  readonly #unexpected: string[] = []
  readonly #wiped = new Set<Person>()
  #hasRemoved = false
  #release: () => void = () => undefined
  /** What hangs, hangs until then. */
  readonly #released = new Promise<void>((resolve) => (this.#release = resolve))

  constructor(world: World, people: readonly Person[], timers: ReadonlyMap<Person, ReadonlySet<object>>) {
    this.#world = world
    this.#people = people
    this.#timers = timers
    for (const person of people) this.#messengers.set(person, person.messenger)
  }

  async apply({ act, device, pick, amount }: Step<Act>): Promise<void> {
    const person = this.#people[device % this.#people.length]
    const others = this.#people.filter((other) => other !== person)
    const other = picked(others, amount)
    if (person === undefined || other === undefined) return
    const { hub, clock } = this.#world
    if (act === 'part') hub.partition([[person.name], others.map(({ name }) => name)])
    else if (act === 'heal') hub.heal()
    else {
      if (!person.running && !this.#wiped.has(person) && pick % 3 === 0) await this.#open(person)
      this.#begin(act, person, other, { pick, amount })
    }
    // The next comes a few steps of promises later, or when some of this has come to pass.
    if (pick % 2 === 0) for (let turn = amount % 32; turn > 0; turn--) await Promise.resolve()
    else await clock.advance((amount % 50) * (pick % 4 === 1 ? 0.2 : 20))
  }

  async #open(person: Person, options?: Parameters<Person['open']>[0]): Promise<void> {
    await person.open(options)
    this.#messengers.set(person, person.messenger)
  }

  #begin(call: Call, person: Person, other: Person, chance: Chance): void {
    const messenger = this.#messengers.get(person)
    if (messenger === undefined) return
    const name = `${person.name}: ${call}`
    const doing = this.#do(call, { person, messenger, other, chance })
    const over = doing.then(
      () => {
        begun.isOver = true
      },
      (error: unknown) => {
        begun.isOver = true
        const allowed: readonly string[] = [...MAY_SAY[call], ...(isOpen() ? [] : ['CLOSED'])]
        const isExpected = isMessengerError(error) ? allowed.includes(error.code) : error instanceof OwnError
        if (!isExpected) this.#unexpected.push(`${name} rejected with ${String(error)}`)
      }
    )
    const isOpen = (): boolean => person.running && person.messenger === messenger && !this.#wiped.has(person)
    const begun = { name, over, isOver: false }
    this.#calls.push(begun)
  }

  async #do(
    call: Call,
    about: {
      readonly person: Person
      readonly messenger: Messenger
      readonly other: Person
      readonly chance: Chance
    }
  ): Promise<void> {
    const { person, messenger, other, chance } = about
    const { pick, amount } = chance
    const { contacts, conversations, identity } = messenger
    const conversation = async (): Promise<ConversationId> => {
      const known = (await contacts.list()).find(({ id }) => id === other.id)
      return known?.conversationId ?? NOBODY
    }
    switch (call) {
      case 'start':
        await messenger.start()
        return
      case 'stop':
        await messenger.stop()
        return
      case 'send': {
        const text = `${person.name} ${String(this.#calls.length)}`
        await messenger.send(await conversation(), text, this.#aborted(chance))
        this.#sent.push({ by: person, to: other, text })
        return
      }
      case 'sync':
        await messenger.sync(this.#aborted(chance))
        return
      case 'dial':
        await messenger.dial(
          picked([`/memory/${other.name}`, '/memory/nobody', 'nothing'], pick) ?? '',
          this.#aborted(chance)
        )
        return
      case 'export':
        await messenger.exportParcels(this.#sink(chance), {
          ...this.#aborted(chance),
          ...(amount % 3 === 0 ? { contactId: other.id } : {})
        })
        return
      case 'import':
        await messenger.importParcels(this.#source(chance), this.#aborted(chance))
        return
      case 'add': {
        const card = await identity.card({ size: amount % 2 === 0 ? 'short' : 'full' })
        this.#cards.push(card)
        await contacts.add(picked([...this.#cards, 'no card'], pick) ?? '')
        return
      }
      case 'look':
        await Promise.all([messenger.status(), conversations.list(), contacts.safetyNumber(other.id)])
        return
      case 'change':
        await messenger.setPower({ level: (amount % 100) / 100 })
        await Promise.all([identity.rename(`name ${String(pick)}`), identity.rotatePrekeys()])
        await Promise.all([
          contacts.rename(other.id, String(pick)),
          contacts.verify(other.id, pick % 2 === 0)
        ])
        return
      case 'read': {
        const live = pick % 2 === 0
        const options = { live, limit: amount % 4, ...this.#aborted(chance) }
        const messages = conversations.messages(await conversation(), options)
        if (pick % 3 === 0) await this.#pause(amount % 100)
        if (amount % 5 !== 0) {
          await countOf(messages)
          return
        }
        for await (const _ of messages) return
        return
      }
      case 'mark-read':
        await conversations.markRead(await conversation())
        return
      case 'renew':
        await identity.renew()
        return
      case 'remove':
        this.#hasRemoved = true
        await contacts.remove(other.id)
        return
      case 'close':
        await person.close()
        return
      case 'wipe':
        if (person.running) this.#wiped.add(person)
        await messenger.wipe()
    }
  }

  async #pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.#world.clock.schedule(ms, resolve))
  }

  /** A signal that has aborted, is about to, or never does. */
  #aborted({ pick, amount }: Chance): { readonly signal?: AbortSignal } {
    if (amount % 2 === 0) return {}
    const aborter = new AbortController()
    const abort = (): void => {
      aborter.abort()
    }
    if (pick % 3 === 0) abort()
    else if (pick % 3 === 1) queueMicrotask(abort)
    else this.#world.clock.schedule(amount % 60, abort)
    return { signal: aborter.signal }
  }

  /** Takes all, ends early, hangs or throws. */
  #sink({ pick }: Chance): Parameters<Messenger['exportParcels']>[0] {
    return async (pieces) => {
      const file: Uint8Array[] = []
      if (pick % 7 === 0) throw new OwnError()
      for await (const piece of pieces) {
        file.push(piece.slice())
        if (pick % 7 === 1) throw new OwnError()
        if (pick % 7 === 2) return
        if (pick % 7 === 3) await this.#released
        await this.#pause(pick % 5)
      }
      this.#files.push(file)
    }
  }

  /** Gives all, ends early, hangs or throws. */
  async *#source({ pick, amount }: Chance): AsyncGenerator<Uint8Array> {
    for (const piece of picked(this.#files, amount) ?? [new Uint8Array(9)]) {
      if (pick % 7 === 0) throw new OwnError()
      yield piece
      if (pick % 7 === 1) throw new OwnError()
      if (pick % 7 === 2) return
      if (pick % 7 === 3) await this.#released
      await this.#pause(pick % 5)
    }
  }

  /** Everybody closes with all that is under way: it ends, and nothing is left of it. */
  async end(): Promise<void> {
    const world = this.#world
    const closing = this.#people.map(async (person) => {
      await person.close()
      await this.#messengers.get(person)?.close()
      assert.equal(this.#timers.get(person)?.size, 0, `${person.name} has a timer left`)
    })
    await world.run(Promise.all(closing))
    await world.pass(10_000)
    const hanging = this.#calls.filter(({ isOver }) => !isOver).map(({ name }) => name)
    this.#release()
    await world.pass(10_000)
    assert.deepEqual([hanging, this.#unexpected], [[], []])
    for (const person of this.#wiped) assert.deepEqual([...person.store.peek({})], [], 'All is wiped')
  }

  /** What each holds is what it held, and what was accepted arrives. */
  async settle(): Promise<void> {
    const world = this.#world
    const left = this.#people.filter((person) => !this.#wiped.has(person))
    for (const person of left) {
      await person.open({ start: false })
      const before = await world.run(this.#told(person))
      await world.run(person.close())
      await person.open({ start: false })
      assert.deepEqual(await world.run(this.#told(person)), before)
    }
    if (this.#hasRemoved || left.length < this.#people.length) return
    world.hub.heal()
    for (const person of left) await world.run(person.messenger.start())
    await world.eventually('all arrived', () => this.#haveArrived(), 24 * 3_600_000, 30_000)
    for (const person of left) {
      const ids = person.inbox.map(({ id }) => id)
      assert.equal(new Set(ids).size, ids.length, `${person.name} was told twice`)
    }
  }

  async #told(person: Person): Promise<unknown> {
    const told: unknown[] = [person.messenger.identity.name]
    for (const { id, name, verified, conversationId } of await person.messenger.contacts.list()) {
      told.push([id, name, verified])
      for await (const message of person.messenger.conversations.messages(conversationId, { limit: 1_000 }))
        told.push([message.id, message.status, textOf(message)])
    }
    return told
  }

  async #haveArrived(): Promise<boolean> {
    for (const { by, to, text } of this.#sent) {
      const taken = (await to.history(by)).filter((message) => !message.own && textOf(message) === text)
      assert.ok(taken.length < 2, `${text} is kept twice`)
      if (taken.length === 0) return false
    }
    return true
  }
}

/** Whatever is called whenever, on whole messengers. */
export const storm: Model = {
  name: 'storm',
  proves:
    'ends every call as documented, leaves nothing when it closes, and keeps what it accepted, whatever is called at once, aborted, stopped, closed or wiped',
  share: 3,
  usual: 6,
  async check(options) {
    const weights = {
      ...{ start: 4, stop: 3, send: 12, sync: 4, dial: 2, export: 4, import: 4, add: 3, look: 2, change: 2 },
      ...{ read: 6, 'mark-read': 2, renew: 3, remove: 1, close: 2, wipe: 1, part: 1, heal: 1 }
    }
    // Without what takes messages away, all of them have to arrive.
    const mild = { ...weights, remove: 0, wipe: 0 }
    const arbitrary = fc.tuple(
      fc.constantFrom(2, 3),
      fc.oneof(histories<Act>(3, weights, 60), histories<Act>(3, mild, 60))
    )
    const property = fc.asyncProperty(arbitrary, async ([count, { seed, steps }]) => {
      await inWorld({ seed, loss: 0.05, duplication: 0.05, reordering: 0.1 }, async (world) => {
        const people: Person[] = []
        const timers = new Map<Person, Set<object>>()
        for (const name of ['alice', 'bob', 'carol'].slice(0, count)) {
          const own = new Set<object>()
          const clock = countingClock(world.clock, own)
          const person = await world.person(name, { messenger: { clock } })
          timers.set(person, own)
          for (const friend of people) await befriendQuietly(world, friend, person)
          people.push(person)
        }
        for (const person of people) person.inbox.length = 0
        const history = new Storm(world, people, timers)
        for (const step of steps) await history.apply(step)
        await history.end()
        await history.settle()
      })
    })
    // Whole messengers are too slow to look for a smaller history.
    await fc.assert(property, { ...options, endOnFailure: true })
  }
}
