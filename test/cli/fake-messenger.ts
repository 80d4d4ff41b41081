import { TypedEventEmitter } from 'main-event'
import {
  MessengerError,
  type Contact,
  type Conversation,
  type ExportOptions,
  type ExportReport,
  type ImportOptions,
  type ImportReport,
  type Message,
  type Messenger,
  type MessengerEvents,
  type MessengerStatus,
  type ParcelSink,
  type ParcelSource,
  type SendOptions
} from '../../src/index.js'

type ContactId = Contact['id']
type ConversationKey = Conversation['id']

/** 2024-05-14 09:00 UTC: the fake's time when nothing else is said. */
export const MORNING = Date.UTC(2024, 4, 14, 9)

/** A contact as the messenger describes it. */
export function contact(name: string, facts: Partial<Contact> = {}): Contact {
  const id = idFor(name) as ContactId
  return {
    id,
    name,
    conversationId: `conversation-${name}` as ConversationKey,
    origin: 'card',
    addedAt: MORNING,
    verified: false,
    blocked: false,
    reachable: false,
    session: 'established',
    ...facts
  }
}

/** A message as the messenger describes it; its position follows its number. */
export function message(number: number, text: string, facts: Partial<Message> = {}): Message {
  return {
    id: String(number).padStart(32, '0') as Message['id'],
    conversationId: 'conversation-Bob' as ConversationKey,
    sender: idFor('Bob') as ContactId,
    own: false,
    content: { kind: 'text', text },
    priority: 'routine',
    sentAt: MORNING + number * 60_000,
    storedAt: MORNING + number * 60_000,
    status: 'delivered',
    position: String(number).padStart(12, '0'),
    ...facts
  }
}

/** 32 characters of base32 that begin with the name. */
export function idFor(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z2-7]/g, '')
    .padEnd(32, 'a')
    .slice(0, 32)
}

/** A messenger in memory without keys or network, for what the command line makes of one. */
export class FakeMessenger extends TypedEventEmitter<MessengerEvents> implements Messenger {
  readonly people: Contact[] = []
  readonly stored: Message[] = []
  readonly calls: string[] = []
  statusFacts: Partial<MessengerStatus> = {}
  /** What a sent message becomes, one after the other, each in its own turn. */
  reaches: Message['status'][] = []
  /** What an export writes, and what an import has read. */
  carried: Uint8Array = new Uint8Array(0)
  /** What an import comes to. */
  imported: ImportReport = {
    bytes: 0,
    read: 4,
    taken: 3,
    known: 1,
    refused: 0,
    opened: 2,
    damaged: 0,
    complete: true
  }
  importRefusal: Error | undefined
  name = ''
  started = false
  closed = false

  constructor(...people: Contact[]) {
    super()
    this.people.push(...people)
  }

  readonly identity: Messenger['identity'] = this.#identity()

  readonly contacts: Messenger['contacts'] = {
    add: async (card, options) => {
      if (!card.startsWith('hallig:')) throw new MessengerError('CARD_INVALID', 'This is not a contact card')
      const added = contact(options?.name ?? 'Bob')
      this.people.push(added)
      return Promise.resolve(added)
    },
    get: async (id) => Promise.resolve(this.person(id)),
    list: async () => Promise.resolve([...this.people]),
    rename: async (id, name) => this.change(id, { name }),
    safetyNumber: async () =>
      Promise.resolve(Array.from({ length: 12 }, (_, n) => String(10000 + n)).join(' ')),
    verify: async (id, verified = true) => this.change(id, { verified }),
    block: async (id, blocked = true) => this.change(id, { blocked }),
    acceptChange: async (id) => {
      const { change: _accepted, ...rest } = this.person(id)
      this.people.splice(this.people.indexOf(this.person(id)), 1, rest)
      return Promise.resolve(rest)
    },
    remove: async (id) => {
      this.people.splice(this.people.indexOf(this.person(id)), 1)
      return Promise.resolve()
    }
  }

  readonly conversations: Messenger['conversations'] = {
    direct: async (id) => Promise.resolve(this.#conversation(this.person(id))),
    get: async (id) => Promise.resolve(this.#conversation(this.#partner(id))),
    list: async () => Promise.resolve(this.people.map((person) => this.#conversation(person))),
    messages: (id, options) => this.#messages(id, options ?? {}),
    markRead: async (id) => {
      this.calls.push(`markRead ${id}`)
      for (const [index, known] of this.stored.entries()) {
        if (known.conversationId === id && !known.own) this.stored[index] = { ...known, status: 'read' }
      }
      return Promise.resolve()
    }
  }

  async send(
    conversationId: ConversationKey,
    content: string | Message['content'],
    { priority = 'routine' }: SendOptions = {}
  ): Promise<Message> {
    const text = typeof content === 'string' ? content : ''
    this.calls.push(`send ${text}`)
    const sent = message(this.stored.length + 1, text, {
      conversationId,
      own: true,
      priority,
      status: 'queued'
    })
    this.stored.push(sent)
    for (const status of this.reaches) setImmediate(() => this.progress(sent, status))
    return Promise.resolve(sent)
  }

  async dial(address: string): Promise<void> {
    if (!address.startsWith('/')) throw new MessengerError('ADDRESS_INVALID', 'This is not an address')
    return Promise.resolve()
  }

  async sync(): Promise<{ peers: number; received: number; given: number }> {
    return Promise.resolve({ peers: 0, received: 0, given: 0 })
  }

  async exportParcels(sink: ParcelSink, options: ExportOptions = {}): Promise<ExportReport> {
    const { contactId = '', maxBytes = Infinity } = options
    this.calls.push(`export ${contactId} ${String(maxBytes)}`)
    const size = Math.min(this.carried.length, maxBytes)
    const report = { envelopes: size, bytes: size, left: this.carried.length - size }
    const pieces = async function* (carried: Uint8Array): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < size; at += 1000) {
        yield await Promise.resolve(carried.subarray(at, Math.min(at + 1000, size)))
        options.onProgress?.({ envelopes: at, bytes: at, left: 0 })
      }
    }
    await sink(pieces(this.carried))
    return report
  }

  async importParcels(source: ParcelSource, options: ImportOptions = {}): Promise<ImportReport> {
    const pieces: Uint8Array[] = []
    for await (const piece of source) {
      pieces.push(Uint8Array.from(piece))
      options.onProgress?.({ ...this.imported, bytes: Buffer.concat(pieces).length })
    }
    this.carried = Buffer.concat(pieces)
    if (this.importRefusal !== undefined) throw this.importRefusal
    return { ...this.imported, bytes: this.carried.length }
  }

  async setPower({ level, charging = false }: { level: number; charging?: boolean }): Promise<void> {
    this.calls.push(`power ${String(level)}${charging ? ' charging' : ''}`)
    return Promise.resolve()
  }

  async status(): Promise<MessengerStatus> {
    return Promise.resolve({
      started: this.started,
      networkName: 'main',
      addresses: [],
      peers: [],
      outbox: { messages: 0 },
      mailbox: { envelopes: 0, own: 0, foreign: 0, bytes: 0, quota: 0, purged: 0 },
      budget: { used: 0, stopped: [] },
      resting: false,
      contacts: this.people.length,
      storage: 'ok',
      contested: false,
      ...this.statusFacts
    })
  }

  async start(): Promise<void> {
    this.started = true
    return Promise.resolve()
  }

  async stop(): Promise<void> {
    this.started = false
    return Promise.resolve()
  }

  async close(): Promise<void> {
    this.closed = true
    return Promise.resolve()
  }

  async wipe(): Promise<void> {
    await this.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Something comes in. */
  receive(incoming: Message): void {
    this.stored.push(incoming)
    this.safeDispatchEvent('message:receive', { detail: incoming })
  }

  /** An own message gets further. */
  progress(sent: Message, status: Message['status']): void {
    this.safeDispatchEvent('message:update', { detail: { ...sent, status } })
  }

  change(id: ContactId, facts: Partial<Contact>): Promise<Contact> {
    const changed = { ...this.person(id), ...facts }
    this.people.splice(this.people.indexOf(this.person(id)), 1, changed)
    this.safeDispatchEvent('contact:update', { detail: changed })
    return Promise.resolve(changed)
  }

  person(id: ContactId): Contact {
    const person = this.people.find((known) => known.id === id)
    if (person === undefined) throw new MessengerError('UNKNOWN_CONTACT', 'No such contact')
    return person
  }

  #identity(): Messenger['identity'] {
    const readName = (): string => this.name
    return {
      id: idFor('Alice') as ContactId,
      get name() {
        return readName()
      },
      card: async ({ size, reusable } = {}) =>
        Promise.resolve(
          `hallig:${size === 'full' ? 'f'.repeat(2400) : 's'.repeat(280)}${reusable === true ? 'r' : ''}`
        ),
      rename: async (name) => {
        this.name = name
        return Promise.resolve()
      },
      rotatePrekeys: async () => Promise.resolve(),
      renew: async () => Promise.resolve()
    }
  }

  #partner(id: ConversationKey): Contact {
    const person = this.people.find(({ conversationId }) => conversationId === id)
    if (person === undefined) throw new MessengerError('UNKNOWN_CONVERSATION', 'No such conversation')
    return person
  }

  #conversation({ id, conversationId }: Contact): Conversation {
    const unread = this.stored.filter(
      (known) => known.conversationId === conversationId && !known.own && known.status === 'delivered'
    )
    const last = this.stored.filter((known) => known.conversationId === conversationId).at(-1)
    return {
      id: conversationId,
      kind: 'direct',
      contactId: id,
      unread: unread.length,
      ...(last === undefined ? {} : { lastMessage: last })
    }
  }

  async *#messages(
    id: ConversationKey,
    { before, limit = 50 }: { readonly before?: string | undefined; readonly limit?: number | undefined }
  ): AsyncGenerator<Message> {
    const earlier = this.stored
      .filter((known) => known.conversationId === id && (before === undefined || known.position < before))
      .toSorted((a, b) => (a.position < b.position ? -1 : 1))
    await Promise.resolve()
    yield* earlier.slice(-limit)
  }
}
