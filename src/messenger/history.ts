import type { ConversationId } from '../codec/ids.js'
import { MessengerError } from '../errors.js'
import { messageRecord } from '../storage/records/message-record.js'
import { keysUnder } from '../storage/records/tables.js'
import { emitConversation } from './announce.js'
import { checked } from './check-options.js'
import type { Context } from './context.js'
import { stateOf } from './contacts/contacts.js'
import type { Conversation, Message, Messenger } from './messenger.js'
import { withConversation } from './peer-state.js'
import { contactOf } from './send/send-message.js'
import { toConversation, toMessage } from './status.js'

/** Messages read from the store unless asked otherwise. */
const DEFAULT_LIMIT = 50

export type HistoryOptions = NonNullable<Parameters<Messenger['conversations']['messages']>[1]>

/** The last messages before a position, oldest first; with `live` then those that come. */
export async function* readMessages(
  context: Context,
  id: ConversationId,
  options: HistoryOptions = {}
): AsyncGenerator<Message> {
  contactOf(context, id)
  const { limit = DEFAULT_LIMIT, signal } = checked(options)
  if (!Number.isSafeInteger(limit) || limit < 0)
    throw new MessengerError('OPTIONS_INVALID', 'A limit is a whole number, 0 or more')
  // Opened first: what arrives while the past is read is neither missed nor shown twice.
  const tail = options.live === true ? context.tail.open(id, signal) : undefined
  try {
    const shown = new Set<string>()
    const page = readPage(context, id, options.before, limit).catch((error: unknown) => {
      // The end of what is read live, wherever it has come to.
      if (tail !== undefined && (context.state.closed || !context.conversations.has(id))) return []
      throw error
    })
    for (const message of await page) {
      if (signal?.aborted === true) return
      shown.add(message.id)
      yield message
    }
    if (tail === undefined) return
    for await (const message of tail) if (!shown.delete(message.id)) yield message
  } finally {
    tail?.end()
  }
}

async function readPage(
  context: Context,
  id: ConversationId,
  before: string | undefined,
  limit: number
): Promise<Message[]> {
  const contactId = contactOf(context, id)
  const all = keysUnder(context.tables.messages(contactId))
  const range = before === undefined ? all : { ...all, lt: context.tables.message(contactId, before) }
  const page: Message[] = []
  if (limit === 0) return page
  for await (const [, bytes] of context.store.range({ ...range, reverse: true, limit })) {
    // Removed meanwhile, it is as unknown as it will be the next time.
    page.push(toMessage(context, stateOf(context, contactOf(context, id)), messageRecord.decode(bytes)))
  }
  return page.reverse()
}

export async function listConversations(context: Context): Promise<Conversation[]> {
  const conversations = await Promise.all(
    [...context.queue.states.values()].map((state) => toConversation(context, state))
  )
  const latest = (conversation: Conversation): number => conversation.lastMessage?.storedAt ?? 0
  return conversations.sort((one, other) => latest(other) - latest(one))
}

/** Everything received so far has been seen; the sender is told with the next receipt. */
export async function markRead(context: Context, id: ConversationId): Promise<void> {
  const contactId = contactOf(context, id)
  await context.queue.run(contactId, (unit) => {
    const { state } = unit
    if (state === undefined) return
    const streams = state.conversation.streams.map((stream) =>
      stream.read === stream.received ? stream : { ...stream, read: stream.received }
    )
    if (streams.every((stream, index) => stream === state.conversation.streams[index])) return
    unit.state = withConversation(state, { streams, unread: 0, receiptDue: true })
    unit.after(() => {
      context.owesReceipt(contactId)
      emitConversation(context, contactId)
    })
  })
}
