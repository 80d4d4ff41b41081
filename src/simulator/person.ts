import type { IdentityId } from '../codec/ids.js'
import { MessengerError } from '../errors.js'
import { createMessenger } from '../messenger/create-messenger.js'
import type {
  CardOptions,
  Contact,
  Message,
  MessageStatus,
  Messenger,
  SendOptions
} from '../messenger/messenger.js'
import type { MessengerOptions } from '../messenger/options.js'
import type { Network } from '../network/network.js'
import { DAY_MS } from '../protocol/limits.js'
import type { RenewalReason } from '../storage/records/continuity-record.js'
import type { Store, Write } from '../storage/store.js'
import { createDisk, type Disk } from './disk.js'
import { beginLife, type CommitFate, type Death, type Life } from './life.js'
import { localClock, localTime, type ClockError, type WakeCount } from './local-clock.js'
import { mortalNetwork } from './mortal-network.js'
import { mortalStore } from './mortal-store.js'
import type { Surroundings } from './surroundings.js'

/** What unlocks everybody's store. */
export const PERSON_KEY = new Uint8Array(32).fill(7)
/** Longest time a batch of messages may take to be stored, ms. */
const BATCH_LIMIT = 600_000

export interface PersonOptions {
  /** ms by which this person's clock is ahead at first. */
  readonly clockOffset?: number | undefined
  /** Parts per million by which it runs fast. */
  readonly clockDrift?: number | undefined
  /** The disk its store lies on; an honest one if not given. */
  readonly disk?: Disk | undefined
  /** Put between the messenger and its network, to break a guard and see that it is missed. What stays of the network may be spread: it is no class. */
  readonly wrapNetwork?: ((network: Network) => Network) | undefined
  /** The same for its store. */
  readonly wrapStore?: ((store: Store) => Store) | undefined
  /** Listens to no event. */
  readonly deaf?: boolean | undefined
  /** Options for the messenger beside those the world gives. */
  readonly messenger?: Partial<MessengerOptions> | undefined
}

/** Somebody with a device: a store that lasts, a place in the network, and a messenger that may die and come back. */
export class Person {
  readonly name: string
  readonly #world: Surroundings
  readonly #network: Network
  readonly #options: PersonOptions
  readonly #clock: ClockError
  readonly #wakes: WakeCount = { wakes: 0 }
  #messenger: Messenger | undefined
  #lives = 0
  #id: IdentityId | undefined
  #rescue: Promise<void> | undefined
  #opening: Promise<boolean> | undefined
  #closing: Promise<unknown> | undefined
  /** The store as the next life will find it; not to be changed while the messenger runs. */
  store: Disk
  life: Life = beginLife()
  /** Commits of all lives so far. */
  commits = 0
  /** Every `message:receive`, over all lives. */
  readonly inbox: Message[] = []
  /** Every `message:update`, over all lives. */
  readonly updates: Message[] = []
  /** Reasons of every `envelope:reject`. */
  readonly refused: string[] = []
  /** Every `identity:change`. */
  readonly changes: string[] = []
  /** Every `identity:copy`. */
  readonly copies: { readonly reason: RenewalReason; readonly renewed: boolean }[] = []
  /** Warnings of the messenger. */
  readonly warnings: string[] = []
  /** Whether the network refuses everything. */
  failPublishes = false
  /** Asked before every commit, numbered over all lives. */
  fateOfCommit: (count: number, writes: readonly Write[]) => CommitFate = () => 'pass'

  constructor(world: Surroundings, name: string, options: PersonOptions) {
    this.#world = world
    this.name = name
    this.#network = world.hub.createNetwork(name)
    this.#options = options
    this.#clock = {
      offset: options.clockOffset ?? 0,
      drift: options.clockDrift ?? 0,
      since: world.clock.now()
    }
    this.store = options.disk ?? createDisk()
  }

  get messenger(): Messenger {
    if (this.#messenger === undefined) throw new Error(`${this.name} is not running`)
    return this.#messenger
  }

  get running(): boolean {
    return this.#messenger !== undefined
  }

  /** Stays known while nobody runs. */
  get id(): IdentityId {
    if (this.#id === undefined) throw new Error(`${this.name} never ran`)
    return this.#id
  }

  /** Timers of this person's messengers that have run so far. */
  get wakes(): number {
    return this.#wakes.wakes
  }

  /** ms by which the clock is ahead of the world's now; set it and the clock jumps. */
  get clockOffset(): number {
    const now = this.#world.clock.now()
    return localTime(this.#clock, now) - now
  }

  set clockOffset(offset: number) {
    this.#clock.since = this.#world.clock.now()
    this.#clock.offset = offset
  }

  /** Begin a life and open the messenger, with these options beside the usual; resolves with whether it lived that long. */
  async open(options: Partial<MessengerOptions> = {}): Promise<boolean> {
    return await this.#world.run(this.begin(options))
  }

  /** The same without letting time pass. Resolves at once if it runs. */
  begin(options: Partial<MessengerOptions> = {}): Promise<boolean> {
    this.#opening ??= this.#begin(options).finally(() => {
      this.#opening = undefined
    })
    return this.#opening
  }

  async #begin(options: Partial<MessengerOptions>): Promise<boolean> {
    if (this.#messenger !== undefined) return true
    await this.#closing
    await this.#rescue
    const life = beginLife((death) => {
      this.#onDeath(death)
    })
    this.life = life
    life.fateOfCommit = (_, writes) => {
      this.commits += 1
      this.#world.note(this.name, { kind: 'commit', writes: writes.length })
      return this.fateOfCommit(this.commits, writes)
    }
    const settings = { ...this.#settings(life), ...options }
    const opened = await Promise.race([createMessenger(settings), life.died])
    if (opened === 'died') return false
    this.#messenger = opened
    this.#id = opened.identity.id
    this.#world.note(this.name, { kind: 'open' })
    if (this.#options.deaf !== true) this.#listen(opened)
    return true
  }

  #settings(life: Life): MessengerOptions {
    const { clock } = this.#world
    const { wrapNetwork = same<Network>, wrapStore = same<Store> } = this.#options
    const store = mortalStore(this.store, life, clock, () => this.#world.commitDelay())
    const network = mortalNetwork(this.#network, life, (envelope) => {
      if (this.failPublishes) throw new MessengerError('NETWORK_FAILED', 'The network is out of order')
      this.#world.note(this.name, { kind: 'publish', envelope: envelope.slice() })
    })
    return {
      store: wrapStore(store),
      unlock: { kind: 'key', key: PERSON_KEY },
      name: this.name,
      network: wrapNetwork(network),
      clock: localClock(clock, life, this.#clock, this.#wakes),
      random: this.#world.random(`${this.name}/${String(this.#lives++)}`),
      logger: {
        debug: () => undefined,
        warn: (message, facts) => {
          const text = `${message}: ${JSON.stringify(facts)}`
          this.warnings.push(text)
          this.#world.note(this.name, { kind: 'warn', text })
        }
      },
      ...this.#options.messenger
    }
  }

  #onDeath(death: Death): void {
    this.#messenger = undefined
    if (death === 'power-cut') this.#rescue = this.store.cutPower()
    this.#world.note(this.name, { kind: 'death', death })
  }

  #listen(messenger: Messenger): void {
    const { name } = this
    messenger.addEventListener('message:receive', ({ detail }) => {
      this.inbox.push(detail)
      this.#world.note(name, { kind: 'receive', message: detail })
    })
    messenger.addEventListener('message:update', ({ detail }) => {
      this.updates.push(detail)
      this.#world.note(name, { kind: 'update', message: detail })
    })
    messenger.addEventListener('envelope:reject', ({ detail }) => {
      this.refused.push(detail.reason)
      this.#world.note(name, { kind: 'refuse', reason: detail.reason })
    })
    messenger.addEventListener('identity:copy', ({ detail }) => this.copies.push(detail))
    messenger.addEventListener('identity:change', ({ detail }) => {
      this.changes.push(detail.change)
      this.#world.note(name, { kind: 'change', change: detail.change })
    })
  }

  /** Die now, as of kill -9 or, with `power-cut`, with everything the disk had not synced. */
  async crash(death: Death = 'kill'): Promise<void> {
    this.life.kill(death)
    await this.#rescue
    await this.#world.clock.advance(0)
  }

  /** Close in good order, without letting time pass. Resolves at once if it does not run. */
  async close(): Promise<void> {
    const messenger = this.#messenger
    if (messenger === undefined) return
    this.#messenger = undefined
    const closing = Promise.race([messenger.close(), this.life.died])
    this.#closing = closing.catch(() => undefined)
    await closing
    this.#world.note(this.name, { kind: 'close' })
  }

  /** Close and open again. */
  async restart(): Promise<void> {
    await this.#world.run(this.close())
    await this.open()
  }

  /** A copy of everything the store holds now, sealed as it is. */
  async backup(): Promise<Disk> {
    return await this.store.copy()
  }

  async card(options?: CardOptions): Promise<string> {
    return await this.#world.run(this.messenger.identity.card(options))
  }

  async add(card: string): Promise<Contact> {
    return await this.#world.run(this.messenger.contacts.add(card))
  }

  async contact(other: { readonly id: IdentityId }): Promise<Contact> {
    return await this.messenger.contacts.get(other.id)
  }

  async say(other: { readonly id: IdentityId }, text: string, options?: SendOptions): Promise<Message> {
    const { conversationId } = await this.contact(other)
    return await this.#world.run(this.messenger.send(conversationId, text, options))
  }

  /** Send without waiting in between. */
  async sayAll(other: { readonly id: IdentityId }, texts: readonly string[]): Promise<Message[]> {
    const { conversationId } = await this.contact(other)
    return await this.#world.run(
      Promise.all(texts.map((text) => this.messenger.send(conversationId, text))),
      BATCH_LIMIT
    )
  }

  /** The same, each in an envelope of its own: neighbours that expire on different days do not travel together. */
  async sayApart(other: { readonly id: IdentityId }, texts: readonly string[]): Promise<Message[]> {
    const { conversationId } = await this.contact(other)
    const sends = texts.map((text, n) =>
      this.messenger.send(conversationId, text, { lifetime: (7 + (n % 2)) * DAY_MS })
    )
    return await this.#world.run(Promise.all(sends), BATCH_LIMIT)
  }

  /** Every message of the conversation, oldest first. */
  async history(other: { readonly id: IdentityId }): Promise<Message[]> {
    const { conversationId } = await this.contact(other)
    const messages: Message[] = []
    for await (const message of this.messenger.conversations.messages(conversationId, { limit: 1_000_000 })) {
      messages.push(message)
    }
    return messages
  }

  async markRead(other: { readonly id: IdentityId }): Promise<void> {
    const { conversationId } = await this.contact(other)
    await this.#world.run(this.messenger.conversations.markRead(conversationId))
  }

  /** Texts received, in the order of their events. */
  get heard(): string[] {
    return this.inbox.map(textOf)
  }

  /** The newest status this person was told of one of its messages. */
  statusOf(message: Message): MessageStatus {
    return this.updates.findLast(({ id }) => id === message.id)?.status ?? message.status
  }
}

/** The text of a message, or the type of what it is instead. */
export function textOf(message: Message): string {
  return message.content.kind === 'text' ? message.content.text : `<${message.content.mediaType}>`
}

function same<T>(value: T): T {
  return value
}
