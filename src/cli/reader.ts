import type { Contact, Conversation, Message, Messenger } from '../library.js'
import { ContactNames } from './contact-names.js'
import { messageRecord, messageText, priorityMark, statusTick } from './message-text.js'
import type { Output } from './output.js'
import { CLOCK_MARGIN, clockText, dayText } from './time-text.js'

/** Messages of a conversation shown when nothing else was asked for. */
const DEFAULT_LIMIT = 20
/** Messages loaded at a time while looking back for unread ones. */
const PAGE = 100

/** Prints messages once each, stored ones first and then as they arrive, and marks them read. */
export class Reader {
  readonly #output: Output
  readonly #messenger: Messenger
  readonly #keepUnread: boolean
  readonly #only: Contact | undefined
  readonly #names: ContactNames
  readonly #seen = new Set<string>()
  /** What arrived before the stored ones were printed. */
  #early: Message[] | undefined = []
  /** What arrives is printed and marked one after the other. */
  #work: Promise<void> = Promise.resolve()
  #day = ''

  constructor(output: Output, messenger: Messenger, keepUnread: boolean, only: Contact | undefined) {
    this.#output = output
    this.#messenger = messenger
    this.#keepUnread = keepUnread
    this.#only = only
    this.#names = new ContactNames(messenger)
    messenger.addEventListener('message:receive', ({ detail }) => this.#arrived(detail))
    messenger.addEventListener('contact:update', ({ detail }) => this.#names.learn(detail))
  }

  get printed(): number {
    return this.#seen.size
  }

  /** Print what is in the store: the last messages of the contact, or everything unread of everybody. */
  async printStored(limit: number | undefined): Promise<void> {
    await this.#names.load()
    const { conversations } = this.#messenger
    if (this.#only !== undefined) {
      const conversation = await conversations.direct(this.#only.id)
      // Never fewer than are new: what is marked as read has been shown.
      const count = Math.max(limit ?? DEFAULT_LIMIT, await this.#sinceOldestUnread(conversation))
      for (const message of await this.#last(conversation, count)) this.#print(message)
      this.#markRead(conversation.id)
    } else {
      const unread = (await conversations.list()).filter((conversation) => conversation.unread > 0)
      for (const conversation of unread.reverse()) await this.#printUnread(conversation)
    }
    const early = this.#early ?? []
    this.#early = undefined
    for (const message of early) this.#arrived(message)
  }

  /** Wait until everything that arrived is printed and marked. */
  async end(): Promise<void> {
    await this.#work
  }

  #arrived(message: Message): void {
    if (this.#early !== undefined) {
      this.#early.push(message)
      return
    }
    if (message.own || (this.#only !== undefined && message.conversationId !== this.#only.conversationId))
      return
    this.#queue(async () => {
      await this.#names.meet(message.sender)
      this.#print(message)
    })
    this.#markRead(message.conversationId)
  }

  async #printUnread(conversation: Conversation): Promise<void> {
    const recent = await this.#last(conversation, await this.#sinceOldestUnread(conversation))
    for (const message of recent.filter(isUnread)) this.#print(message)
    this.#markRead(conversation.id)
  }

  #print(message: Message): void {
    if (this.#seen.has(message.id)) return
    this.#seen.add(message.id)
    const { paint } = this.#output
    const day = dayText(message.sentAt)
    const heading = day === this.#day ? [] : [paint.faint(`── ${day} ──`)]
    this.#day = day
    const who = message.own ? paint.own('you') : paint.theirs(this.#names.nameOf(message.sender))
    const tick = message.own ? ` ${statusTick(message.status, paint)}` : ''
    const mark = priorityMark(message.priority, paint)
    const line = `${paint.faint(clockText(message.sentAt))} ${mark}${paint.strong(who)}: ${messageText(message)}${tick}`
    const contactId = message.own ? this.#only?.id : message.sender
    const name = contactId === undefined ? '' : this.#names.rawNameOf(contactId)
    this.#output.tell([...heading, line], messageRecord(message, name), CLOCK_MARGIN)
  }

  /** After printing: a message is never marked that was not shown. */
  #markRead(id: Conversation['id']): void {
    if (!this.#keepUnread) this.#queue(async () => this.#messenger.conversations.markRead(id))
  }

  #queue(step: () => Promise<void>): void {
    this.#work = this.#work.then(step)
    // The failure is thrown by `end`; until then it must not count as unhandled.
    this.#work.catch(() => undefined)
  }

  /** How many of the last messages reach back to the oldest unread one. */
  async #sinceOldestUnread({ id, unread }: Conversation): Promise<number> {
    let missing = unread
    let count = 0
    let before: string | undefined
    while (missing > 0) {
      const page = await collect(
        this.#messenger.conversations.messages(id, {
          limit: PAGE,
          ...(before === undefined ? {} : { before })
        })
      )
      const [oldest] = page
      if (oldest === undefined) return count
      for (const message of page.toReversed()) {
        count += 1
        if (isUnread(message)) missing -= 1
        if (missing === 0) return count
      }
      before = oldest.position
    }
    return count
  }

  async #last({ id }: Conversation, limit: number): Promise<Message[]> {
    return await collect(this.#messenger.conversations.messages(id, { limit }))
  }
}

function isUnread(message: Message): boolean {
  return !message.own && message.status === 'delivered'
}

async function collect(messages: AsyncIterable<Message>): Promise<Message[]> {
  const list: Message[] = []
  for await (const message of messages) list.push(message)
  return list
}
