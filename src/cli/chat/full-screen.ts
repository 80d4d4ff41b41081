import type { Contact, Message, Messenger } from '../../library.js'
import type { Call } from '../call.js'
import { contactName } from '../contact-argument.js'
import { ContactNames } from '../contact-names.js'
import { sanitiseText } from '../sanitise.js'
import { edit, EMPTY, editorText } from '../terminal/editor.js'
import { keyAction, type Key, type KeyAction } from '../terminal/keys.js'
import type { Paint } from '../terminal/paint.js'
import { openScreen, type Screen, type Size } from '../terminal/screen.js'
import {
  earliest,
  openChat,
  scrolledTo,
  underWay,
  withElsewhere,
  withEntry,
  withMessage,
  withOlder,
  type ChatState
} from './chat-state.js'
import { keepLooking, watchConversation, type ConversationListener } from './conversation-watch.js'
import { historyRoom, mostScroll, renderChat } from './render.js'
import { obeyLine } from './slash-commands.js'

/** How a chat ended. */
export interface ChatEnding {
  /** Whom to talk with next, if the user asked for it. */
  readonly next?: Contact
  /** Own messages that have not arrived yet. */
  readonly underWay: number
}

/** Messages loaded at a time. */
const PAGE = 200

/** The chat as a full-screen program on a terminal, until the user leaves or `signal` aborts. */
export async function chatOnScreen(
  call: Call,
  messenger: Messenger,
  contact: Contact,
  signal: AbortSignal
): Promise<ChatEnding> {
  const chat = new ScreenChat(call, messenger, contact)
  return await chat.run(signal)
}

class ScreenChat {
  readonly #call: Call
  readonly #messenger: Messenger
  readonly #names: ContactNames
  readonly #paint: Paint
  readonly #leaving = new AbortController()
  #screen: Screen | undefined
  #state: ChatState
  #next: Contact | undefined
  /** Text of a paste that is still coming in. */
  #paste: string | undefined
  /** Lines typed are carried out one after the other: messages keep the order in which they were typed. */
  #work: Promise<void> = Promise.resolve()
  #loading = false
  #unread = true

  constructor(call: Call, messenger: Messenger, contact: Contact) {
    this.#call = call
    this.#messenger = messenger
    this.#names = new ContactNames(messenger)
    this.#paint = call.output.paint
    this.#state = openChat(contact, [], false)
  }

  async run(signal: AbortSignal): Promise<ChatEnding> {
    const { stdin, stdout } = this.#call.surroundings
    const { contact } = this.#state
    const ending = AbortSignal.any([signal, this.#leaving.signal])
    const listener = this.#listener()
    watchConversation(this.#messenger, contact, listener, ending)
    await this.#names.load()
    await this.#loadOlder()
    this.#screen = openScreen(stdin, stdout, {
      key: (text, key) => this.#pressed(text, key),
      resize: () => this.#show(this.#state)
    })
    try {
      this.#show(this.#state)
      await keepLooking(this.#messenger, contact, listener, ending)
      await this.#work
    } finally {
      this.#screen.close()
    }
    return { underWay: underWay(this.#state), ...(this.#next === undefined ? {} : { next: this.#next }) }
  }

  #listener(): ConversationListener {
    return {
      message: (message) => this.#arrived(message),
      elsewhere: (message) => this.#show(withElsewhere(this.#state, this.#names.nameOf(message.sender))),
      contact: (contact) => this.#show({ ...this.#state, contact }),
      peers: (peers) => this.#show({ ...this.#state, peers })
    }
  }

  #arrived(message: Message): void {
    const next = withMessage(this.#state, message)
    if (!message.own && message.status === 'delivered') this.#unread = true
    // Whoever reads further up keeps the lines they are reading.
    const grown = this.#state.scroll > 0 ? this.#most(next) - this.#most(this.#state) : 0
    this.#show({ ...next, scroll: next.scroll + grown })
  }

  #show(state: ChatState): void {
    this.#state = state
    const screen = this.#screen
    if (screen === undefined) return
    screen.show(() => renderChat(this.#state, screen.size(), this.#paint))
    if (this.#unread && state.scroll === 0) this.#markRead()
  }

  #markRead(): void {
    this.#unread = false
    this.#attempt(async () => this.#messenger.conversations.markRead(this.#state.contact.conversationId))
  }

  #most(state: ChatState): number {
    return mostScroll(state, this.#size(), this.#paint)
  }

  #size(): Size {
    return this.#screen?.size() ?? { columns: 80, rows: 24 }
  }

  #pressed(text: string | undefined, key: Key): void {
    const action = keyAction(text, key)
    if (action.kind === 'paste-start') this.#paste = ''
    else if (this.#paste === undefined) this.#act(action)
    else if (action.kind !== 'paste-end') this.#paste += key.sequence ?? text ?? ''
    else {
      const pasted = sanitiseText(this.#paste)
      this.#paste = undefined
      this.#act({ kind: 'edit', edit: { kind: 'insert', text: pasted } })
    }
  }

  #act(action: KeyAction): void {
    const { editor } = this.#state
    const empty = editorText(editor) === ''
    switch (action.kind) {
      case 'edit':
        this.#show({ ...this.#state, editor: edit(editor, action.edit) })
        return
      case 'submit':
        this.#submit(editorText(editor).trim())
        return
      case 'scroll':
        this.#scroll(action.by)
        return
      case 'interrupt':
        if (empty) this.#leave()
        else this.#show({ ...this.#state, editor: EMPTY })
        return
      case 'end-of-input':
        if (empty) this.#leave()
        else this.#show({ ...this.#state, editor: edit(editor, { kind: 'delete' }) })
        return
      case 'redraw':
        this.#screen?.invalidate()
        this.#show(this.#state)
        return
      case 'paste-start':
      case 'paste-end':
      case 'none':
    }
  }

  #leave(next?: Contact): void {
    this.#next = next
    this.#leaving.abort()
  }

  #submit(line: string): void {
    if (line === '') return
    this.#show({ ...this.#state, editor: EMPTY, scroll: 0, unseen: 0 })
    this.#attempt(async () => this.#obey(line))
  }

  async #obey(line: string): Promise<void> {
    const { contact } = this.#state
    const place = {
      messenger: this.#messenger,
      contact,
      paint: this.#paint,
      now: this.#call.surroundings.now(),
      size: this.#size()
    }
    const outcome = await obeyLine(place, line)
    if (outcome.kind === 'quit') this.#leave()
    else if (outcome.kind === 'switch') this.#leave(outcome.contact)
    else if (outcome.kind === 'show') this.#show(outcome.entries.reduce(withEntry, this.#state))
    else {
      const message = await this.#messenger.send(contact.conversationId, outcome.text, {
        priority: outcome.priority
      })
      // The first `message:update` may have been quicker than this answer, and knows more.
      const known = this.#state.entries.some(
        (entry) => entry.kind === 'message' && entry.message.id === message.id
      )
      if (!known) this.#show(withMessage(this.#state, message))
    }
  }

  /** Queue something for the messenger; if it fails, the reason is shown where the user looks. */
  #attempt(step: () => Promise<void>): void {
    this.#work = this.#work.then(step).catch((error: unknown) => {
      const text = sanitiseText(error instanceof Error ? error.message : String(error))
      this.#show(withEntry(this.#state, { kind: 'notice', tone: 'warning', text }))
    })
  }

  #scroll(by: (KeyAction & { kind: 'scroll' })['by']): void {
    const size = this.#size()
    const page = Math.max(1, historyRoom(this.#state, size) - 2)
    const steps = {
      'line-up': 1,
      'line-down': -1,
      'page-up': page,
      'page-down': -page,
      newest: -this.#state.scroll
    }
    const most = this.#most(this.#state)
    this.#show(scrolledTo(this.#state, this.#state.scroll + steps[by], most))
    if (this.#state.scroll >= most && !this.#state.complete) this.#attempt(async () => this.#loadOlder())
  }

  async #loadOlder(): Promise<void> {
    if (this.#loading || this.#state.complete) return
    this.#loading = true
    try {
      const before = earliest(this.#state)
      const page: Message[] = []
      const { conversationId } = this.#state.contact
      const wanted = { limit: PAGE, ...(before === undefined ? {} : { before }) }
      for await (const message of this.#messenger.conversations.messages(conversationId, wanted))
        page.push(message)
      const complete = page.length < PAGE
      const { contact } = this.#state
      const first = before === undefined && this.#state.entries.length === 0
      this.#show(first ? openChat(contact, page, complete) : withOlder(this.#state, page, complete))
    } finally {
      this.#loading = false
    }
  }
}

/** What to say when a chat was left with messages still on their way. */
export function farewell(contact: Contact, count: number): string {
  const name = contactName(contact)
  const [messages, leave] =
    count === 1
      ? ['1 message', 'is not delivered yet; it leaves']
      : [`${String(count)} messages`, 'are not delivered yet; they leave']
  return `${messages} to ${name} ${leave} when hallig runs near ${name} or whoever carries on, or in a file: \`hallig export\`.`
}
