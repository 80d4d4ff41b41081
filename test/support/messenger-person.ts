import { DAY_MS } from '../../src/protocol/limits.js'
import type {
  Contact,
  IdentityId,
  Message,
  MessageStatus,
  Messenger,
  MessengerOptions
} from '../../src/index.js'
import { createMemoryStore, createMessenger, groupCommit } from '../../src/index.js'
import type { Network } from '../../src/network/network.js'
import type { Store, Write } from '../../src/storage/store.js'
import { MessengerError } from '../../src/errors.js'
import {
  beginLife,
  mortalClock,
  mortalNetwork,
  mortalStore,
  type CommitFate,
  type Life
} from './messenger-mortal.js'
import type { World } from './messenger-world.js'

/** What unlocks everybody's store. */
export const PERSON_KEY = new Uint8Array(32).fill(7)

export interface PersonOptions {
  /** ms by which this person's clock is ahead. */
  readonly clockOffset?: number
  /** Listens to no event. */
  readonly deaf?: boolean
  /** Options for the messenger beside those the world gives. */
  readonly messenger?: Partial<MessengerOptions>
}

/** Somebody with a device: a store that lasts, a place in the network, and a messenger that may die and come back. */
export class Person {
  readonly name: string
  readonly #world: World
  readonly #network: Network
  readonly #commitDelay: () => number
  readonly #options: PersonOptions
  #store: Store = createMemoryStore()
  #messenger: Messenger | undefined
  #lives = 0
  #id: IdentityId | undefined
  life: Life = beginLife()
  clockOffset: number
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
  /** Warnings of the messenger. */
  readonly warnings: string[] = []
  /** Whether the network refuses everything. */
  failPublishes = false
  /** Asked before every commit, numbered over all lives. */
  fateOfCommit: (count: number, writes: readonly Write[]) => CommitFate = () => 'pass'

  constructor(world: World, name: string, commitDelay: () => number, options: PersonOptions) {
    this.#world = world
    this.name = name
    this.#network = world.hub.createNetwork(name)
    this.#commitDelay = commitDelay
    this.#options = options
    this.clockOffset = options.clockOffset ?? 0
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

  /** Begin a life and open the messenger; resolves with whether it lived that long. */
  async open(): Promise<boolean> {
    const life = beginLife()
    this.life = life
    life.fateOfCommit = (_, writes) => {
      this.commits += 1
      return this.fateOfCommit(this.commits, writes)
    }
    const clock = mortalClock(this.#world.clock, life, () => this.clockOffset)
    const network = mortalNetwork(this.#network, life, (_, envelope) => {
      if (this.failPublishes) throw new MessengerError('NETWORK_FAILED', 'The network is out of order')
      this.#world.published.push({ by: this.name, at: this.#world.clock.now(), envelope: envelope.slice() })
    })
    const opened = await this.#world.run(
      Promise.race([
        createMessenger({
          store: groupCommit(mortalStore(this.#store, life, this.#world.clock, this.#commitDelay)),
          unlock: { kind: 'key', key: PERSON_KEY },
          name: this.name,
          network,
          clock,
          random: this.#world.random(`${this.name}/${String(this.#lives++)}`),
          logger: {
            debug: () => undefined,
            warn: (message, facts) => this.warnings.push(`${message}: ${JSON.stringify(facts)}`)
          },
          ...this.#options.messenger
        }),
        life.died
      ])
    )
    if (opened === 'died') return false
    this.#messenger = opened
    this.#id = opened.identity.id
    if (this.#options.deaf !== true) this.#listen(opened)
    void life.died.then(() => {
      if (this.#messenger === opened) this.#messenger = undefined
    })
    return true
  }

  #listen(messenger: Messenger): void {
    messenger.addEventListener('message:receive', ({ detail }) => this.inbox.push(detail))
    messenger.addEventListener('message:update', ({ detail }) => this.updates.push(detail))
    messenger.addEventListener('envelope:reject', ({ detail }) => this.refused.push(detail.reason))
    messenger.addEventListener('identity:change', ({ detail }) => this.changes.push(detail.change))
  }

  /** Die now, as of kill -9. */
  async crash(): Promise<void> {
    this.life.kill()
    this.#messenger = undefined
    await this.#world.pass(0)
  }

  async close(): Promise<void> {
    const { messenger } = this
    this.#messenger = undefined
    await messenger.close()
  }

  /** Close and open again. */
  async restart(): Promise<void> {
    await this.#world.run(this.close())
    await this.open()
  }

  /** A copy of everything the store holds now, sealed as it is. */
  async backup(): Promise<Store> {
    const copy = createMemoryStore()
    const writes: Write[] = []
    for await (const [key, value] of this.#store.range({})) writes.push({ type: 'put', key, value })
    await copy.commit(writes)
    return copy
  }

  /** The store as the next life will find it; not while the messenger runs. */
  get store(): Store {
    return this.#store
  }

  set store(store: Store) {
    this.#store = store
  }

  async card(options?: Parameters<Messenger['identity']['card']>[0]): Promise<string> {
    return await this.#world.run(this.messenger.identity.card(options))
  }

  async add(card: string): Promise<Contact> {
    return await this.#world.run(this.messenger.contacts.add(card))
  }

  async contact(other: { readonly id: IdentityId }): Promise<Contact> {
    return await this.messenger.contacts.get(other.id)
  }

  async say(
    other: { readonly id: IdentityId },
    text: string,
    options?: { readonly lifetime?: number }
  ): Promise<Message> {
    const { conversationId } = await this.contact(other)
    return await this.#world.run(this.messenger.send(conversationId, text, options))
  }

  /** Send without waiting in between. */
  async sayAll(other: { readonly id: IdentityId }, texts: readonly string[]): Promise<Message[]> {
    const { conversationId } = await this.contact(other)
    return await this.#world.run(
      Promise.all(texts.map((text) => this.messenger.send(conversationId, text))),
      600_000
    )
  }

  /** The same, each in an envelope of its own: neighbours that expire on different days do not travel together. */
  async sayApart(other: { readonly id: IdentityId }, texts: readonly string[]): Promise<Message[]> {
    const { conversationId } = await this.contact(other)
    const sends = texts.map((text, n) =>
      this.messenger.send(conversationId, text, { lifetime: (7 + (n % 2)) * DAY_MS })
    )
    return await this.#world.run(Promise.all(sends), 600_000)
  }

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

export function textOf(message: Message): string {
  return message.content.kind === 'text' ? message.content.text : `<${message.content.mediaType}>`
}
