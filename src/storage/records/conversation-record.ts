import type { ConversationId, IdentityId, MessageId } from '../../codec/ids.js'
import { parseConversationId, parseIdentityId, parseMessageId } from '../../codec/ids.js'
import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'
import { MessengerError } from '../../errors.js'
import type { Ranges } from '../../protocol/delivery/ranges.js'
import type { Order } from '../../protocol/message/order.js'
import {
  optional,
  readList,
  readLong,
  readOptional,
  readText,
  recordCodec,
  writeList,
  writeLong,
  writeOptional,
  writeText
} from './record-codec.js'

/** What was received of one stream of the other side. */
export interface ReceivedStream {
  readonly stream: Uint8Array
  readonly received: Ranges
  readonly read: Ranges
  /** The greatest `sentAt` of what was received, epoch ms of its author; absent in records of before it was noted. */
  readonly latest?: number
}

/** The state of a conversation: order, numbering and how far each side has come. Messages and outbox entries are records of their own. */
export interface ConversationRecord {
  readonly id: ConversationId
  readonly contactId: IdentityId
  readonly order: Order
  /** Number of our next message. */
  readonly nextNumber: number
  /** Our numbers, by what became of them. */
  readonly sent: Ranges
  readonly delivered: Ranges
  readonly read: Ranges
  readonly expired: Ranges
  readonly streams: readonly ReceivedStream[]
  /** Something was received or read that the other side has not been told. */
  readonly receiptDue: boolean
  readonly unread: number
  /** Position of the last message. */
  readonly lastPosition?: string
  /** When their latest emergencies came that count as such, epoch ms. */
  readonly emergencies: readonly number[]
  /** When an authenticated message of theirs last arrived, epoch ms; 0 if never. */
  readonly heardAt: number
}

export function writeRanges(writer: Writer, ranges: Ranges): void {
  writeList(writer, ranges, ([first, count]) => writer.u64(first).u64(count))
}

export function readRanges(reader: Reader): Ranges {
  return readList(reader, () => [reader.u64(), reader.u64()] as const)
}

function known<T>(value: T | undefined): T {
  if (value === undefined)
    throw new MessengerError('RECORD_DAMAGED', 'A conversation record holds no valid id; restore the store')
  return value
}

function readOrder(reader: Reader): Order {
  const clock = reader.u64()
  return { clock, heads: readList(reader, (): MessageId => known(parseMessageId(readText(reader)))) }
}

/** The version that notes the latest sentAt of each stream. */
const WITH_LATEST = 2
/** The version that notes emergencies. */
const WITH_EMERGENCIES = 3

export const conversationRecord = recordCodec<ConversationRecord>(
  'conversation',
  WITH_EMERGENCIES,
  (writer, conversation) => {
    writeText(writer, conversation.id)
    writeText(writer, conversation.contactId)
    writer.u64(conversation.order.clock)
    writeList(writer, conversation.order.heads, (head) => {
      writeText(writer, head)
    })
    writer.u64(conversation.nextNumber)
    for (const ranges of [
      conversation.sent,
      conversation.delivered,
      conversation.read,
      conversation.expired
    ]) {
      writeRanges(writer, ranges)
    }
    writeList(writer, conversation.streams, ({ stream, received, read }) => {
      writeLong(writer, stream)
      writeRanges(writer, received)
      writeRanges(writer, read)
    })
    writer.u8(conversation.receiptDue ? 1 : 0).u32(conversation.unread)
    writeOptional(writer, conversation.lastPosition, (position) => {
      writeText(writer, position)
    })
    writer.u64(conversation.heardAt)
    for (const { latest } of conversation.streams) writeOptional(writer, latest, (value) => writer.u64(value))
    writeList(writer, conversation.emergencies, (at) => writer.u64(at))
  },
  (reader, version) => {
    const id = known(parseConversationId(readText(reader)))
    const contactId = known(parseIdentityId(readText(reader)))
    const order = readOrder(reader)
    const nextNumber = reader.u64()
    const sent = readRanges(reader)
    const delivered = readRanges(reader)
    const read = readRanges(reader)
    const expired = readRanges(reader)
    const streams = readList(reader, () => ({
      stream: readLong(reader),
      received: readRanges(reader),
      read: readRanges(reader)
    }))
    const receiptDue = reader.u8() === 1
    const unread = reader.u32()
    const lastPosition = readOptional(reader, () => readText(reader))
    const heardAt = reader.u64()
    const latest = version < WITH_LATEST ? [] : streams.map(() => readOptional(reader, () => reader.u64()))
    const emergencies = version < WITH_EMERGENCIES ? [] : readList(reader, () => reader.u64())
    return {
      id,
      contactId,
      order,
      nextNumber,
      sent,
      delivered,
      read,
      expired,
      streams: streams.map((stream, at) => ({ ...stream, ...optional('latest', latest[at]) })),
      receiptDue,
      unread,
      ...optional('lastPosition', lastPosition),
      emergencies,
      heardAt
    }
  },
  1
)
