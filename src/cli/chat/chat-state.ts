import type { Contact, Message } from '../../library.js'
import { EMPTY, type Editor } from '../terminal/editor.js'

/** One thing in the history: what somebody said, or what the program has to say. */
export type Entry =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'notice'; readonly tone: 'plain' | 'warning'; readonly text: string }
  /** Lines shown as they are, however wide: a QR code. */
  | { readonly kind: 'drawing'; readonly lines: readonly string[] }

/** Everything the chat's screen shows. */
export interface ChatState {
  readonly contact: Contact
  readonly entries: readonly Entry[]
  /** The first message that was new when the chat was opened. */
  readonly newFrom?: string
  readonly editor: Editor
  /** Lines between the bottom of the screen and the newest line. */
  readonly scroll: number
  /** Messages that came in below the visible part. */
  readonly unseen: number
  readonly peers: number
  /** Unread messages of others, by name. */
  readonly elsewhere: ReadonlyMap<string, number>
  /** Whether the history is loaded back to its first message. */
  readonly complete: boolean
}

/** The chat as it opens, with the last `messages`, oldest first. */
export function openChat(contact: Contact, messages: readonly Message[], complete: boolean): ChatState {
  const firstNew = messages.find((message) => !message.own && message.status === 'delivered')
  return {
    contact,
    entries: messages.map((message) => ({ kind: 'message', message })),
    editor: EMPTY,
    scroll: 0,
    unseen: 0,
    peers: 0,
    elsewhere: new Map(),
    complete,
    ...(firstNew === undefined ? {} : { newFrom: firstNew.id })
  }
}

/** A message that is new, or that changed, at its place in the order of the conversation. */
export function withMessage(state: ChatState, message: Message): ChatState {
  const entry: Entry = { kind: 'message', message }
  const known = state.entries.findIndex(
    (other) => other.kind === 'message' && other.message.id === message.id
  )
  if (known >= 0) return { ...state, entries: state.entries.with(known, entry) }
  const later = state.entries.findIndex(
    (other) => other.kind === 'message' && other.message.position > message.position
  )
  // Before everything loaded, and there is more: paging back will bring it.
  if (later === 0 && !state.complete) return state
  const entries = state.entries.toSpliced(later < 0 ? state.entries.length : later, 0, entry)
  return { ...state, entries, unseen: state.scroll > 0 && !message.own ? state.unseen + 1 : state.unseen }
}

/** Earlier messages, oldest first; none means that the beginning is reached. */
export function withOlder(state: ChatState, messages: readonly Message[], complete: boolean): ChatState {
  const known = new Set(state.entries.map((entry) => (entry.kind === 'message' ? entry.message.id : '')))
  const older = messages
    .filter(({ id }) => !known.has(id))
    .map((message): Entry => ({ kind: 'message', message }))
  return { ...state, entries: [...older, ...state.entries], complete }
}

/** The position of the earliest message loaded. */
export function earliest(state: ChatState): string | undefined {
  const first = state.entries.find((entry) => entry.kind === 'message')
  return first?.message.position
}

/** Something the program has to say, below what was said so far. */
export function withEntry(state: ChatState, entry: Entry): ChatState {
  return { ...state, entries: [...state.entries, entry], scroll: 0, unseen: 0 }
}

/** Scrolled so that `scroll` lines are below the screen, within `0 … most`. */
export function scrolledTo(state: ChatState, scroll: number, most: number): ChatState {
  const kept = Math.max(0, Math.min(scroll, most))
  return { ...state, scroll: kept, unseen: kept === 0 ? 0 : state.unseen }
}

/** One more unread message of somebody else. */
export function withElsewhere(state: ChatState, name: string): ChatState {
  const elsewhere = new Map(state.elsewhere).set(name, (state.elsewhere.get(name) ?? 0) + 1)
  return { ...state, elsewhere }
}

/** Own messages that have not reached the contact. */
export function underWay(state: ChatState): number {
  return state.entries.filter(
    (entry) =>
      entry.kind === 'message' &&
      entry.message.own &&
      (entry.message.status === 'queued' || entry.message.status === 'sent')
  ).length
}
