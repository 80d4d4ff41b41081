import { parseMessageId } from '../codec/ids.js'
import { compareBytes } from '../protocol/compare-bytes.js'
import { addNumber, NO_RANGES, type Ranges } from '../protocol/delivery/ranges.js'
import { insertInOrder } from '../protocol/message/order.js'
import type { ContactRecord } from '../storage/records/contact-record.js'
import type { ConversationRecord, ReceivedStream } from '../storage/records/conversation-record.js'
import { messageRecord, type MessageRecord } from '../storage/records/message-record.js'
import { outboxRecord } from '../storage/records/outbox-record.js'
import { keysUnder } from '../storage/records/tables.js'
import { anyNumber, newConversation } from './contacts/new-peer.js'
import type { Context } from './context.js'

/**
 * What the messages and the outbox say of a conversation whose record is lost. What was read is not known any more, so everything counts as
 * read here and as delivered there.
 */
export async function rebuildConversation(
  context: Pick<Context, 'store' | 'tables' | 'own' | 'random'>,
  contact: ContactRecord
): Promise<ConversationRecord> {
  const { store, tables, own } = context
  const waiting = new Set<number>()
  for await (const [, value] of store.range(keysUnder(tables.outboxOf(contact.id)))) {
    const { number, items } = outboxRecord.decode(value)
    for (const index of items.keys()) waiting.add(number + index)
  }
  // What it was told is not known either.
  let conversation: ConversationRecord = {
    ...newConversation(own.record.identity.signing.publicKey, contact),
    receiptDue: true
  }
  let highest = Math.max(0, ...waiting)
  for await (const [key, value] of store.range(keysUnder(tables.messages(contact.id)))) {
    const message = messageRecord.decode(value)
    conversation = withMessage(conversation, message, waiting.has(message.number))
    conversation = { ...conversation, lastPosition: key.slice(tables.messages(contact.id).length) }
    if (message.own) highest = Math.max(highest, message.number)
  }
  // Numbers were used for what is not in the history: go on far above them.
  return { ...conversation, nextNumber: highest + 1 + anyNumber(context.random) }
}

function withMessage(
  conversation: ConversationRecord,
  message: MessageRecord,
  isWaiting: boolean
): ConversationRecord {
  const id = parseMessageId(message.id)
  const heads = conversation.order.heads
  const order =
    id === undefined ? conversation.order : insertInOrder(conversation.order, id, message.clock, heads)
  if (!message.own) return { ...conversation, order, streams: withReceived(conversation.streams, message) }
  const delivered = isWaiting ? conversation.delivered : addNumber(conversation.delivered, message.number)
  return { ...conversation, order, delivered, sent: addNumber(conversation.sent, message.number) }
}

function withReceived(streams: readonly ReceivedStream[], message: MessageRecord): readonly ReceivedStream[] {
  const isOfMessage = ({ stream }: ReceivedStream): boolean => compareBytes(stream, message.stream) === 0
  const known = streams.find(isOfMessage)
  const received: Ranges = addNumber(known?.received ?? NO_RANGES, message.number)
  return [
    ...streams.filter((stream) => !isOfMessage(stream)),
    { stream: message.stream, received, read: received }
  ]
}
