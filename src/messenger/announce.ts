import type { IdentityId } from '../codec/ids.js'
import type { Context } from './context.js'
import type { MessengerEvents } from './messenger.js'
import type { PeerState } from './peer-state.js'
import { hasNumber, type Ranges } from '../protocol/delivery/ranges.js'
import { messageRecord } from '../storage/records/message-record.js'
import { keysUnder } from '../storage/records/tables.js'
import { loadMessage, sessionStatus, toContact, toConversation, toMessage } from './status.js'

/** Tell the app of a contact, as it is now. */
export function emitContact(context: Context, id: IdentityId): void {
  const state = context.queue.states.get(id)
  if (state !== undefined && context.events.hears('contact:update')) {
    context.events.emit('contact:update', toContact(context, state))
  }
}

/** Tell the app of a contact if its session has begun since, or was answered, or is no more. */
export function emitSession(context: Context, before: PeerState, after: PeerState): void {
  if (before.sessions === after.sessions || !context.events.hears('contact:update')) return
  if (sessionStatus(context, before) !== sessionStatus(context, after)) emitContact(context, after.contact.id)
}

/** Tell the app of a conversation, once its last message has been read from the store; of none that changes meanwhile, which is told then. */
export function emitConversation(context: Context, id: IdentityId): void {
  const state = context.queue.states.get(id)
  if (state === undefined || !context.events.hears('conversation:update')) return
  announce(context, 'conversation:update', async () => {
    const conversation = await toConversation(context, state)
    const { unread, lastPosition } = context.queue.states.get(id)?.conversation ?? {}
    if (unread === state.conversation.unread && lastPosition === state.conversation.lastPosition)
      context.events.emit('conversation:update', conversation)
  })
}

/** Tell the app of what has to be read from the store. Once that is closed nothing is told. */
function announce(context: Context, what: keyof MessengerEvents, tell: () => Promise<void>): void {
  tell().catch((error: unknown) => {
    if (!context.state.closed) context.onFailure(what, error)
  })
}

/** Tell the app that messages at these positions have a new status. */
export function emitUpdates(context: Context, id: IdentityId, positions: readonly string[]): void {
  const state = context.queue.states.get(id)
  if (state === undefined) return
  const isHeard = context.events.hears('message:update')
  for (const position of positions) {
    const recent = context.recent.get(position)
    if (recent === undefined) {
      if (isHeard && position !== '') emitStored(context, state, position)
      continue
    }
    const message = toMessage(context, state, recent)
    if (isHeard) context.events.emit('message:update', message)
    if (message.status !== 'sent') context.recent.remove(position)
  }
}

function emitStored(context: Context, state: PeerState, position: string): void {
  announce(context, 'message:update', async () => {
    const message = await loadMessage(context, state, position)
    if (message !== undefined) context.events.emit('message:update', message)
  })
}

/** Messages looked through for those just read: what a person can have had unread, not a whole history. */
const MAX_READ_UPDATES = 500

/** Tell the app which of our latest messages were read since `before`. */
export function emitRead(context: Context, id: IdentityId, before: Ranges): void {
  if (!context.events.hears('message:update')) return
  announce(context, 'message:update', () => announceRead(context, id, before))
}

async function announceRead(context: Context, id: IdentityId, before: Ranges): Promise<void> {
  const range = { ...keysUnder(context.tables.messages(id)), reverse: true, limit: MAX_READ_UPDATES }
  for await (const [, bytes] of context.store.range(range)) {
    const record = messageRecord.decode(bytes)
    const state = context.queue.states.get(id)
    if (state === undefined) return
    if (!record.own || hasNumber(before, record.number) || !hasNumber(state.conversation.read, record.number))
      continue
    context.events.emit('message:update', toMessage(context, state, record))
  }
}
