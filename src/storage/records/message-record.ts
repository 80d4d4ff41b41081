import { decodeHex } from '../../codec/hex.js'
import { encodeMessageId, MESSAGE_ID_BYTES, type MessageId } from '../../codec/ids.js'
import { priorityOf, rankOf, type Priority } from '../../protocol/message/priority.js'
import { readLong, readText, recordCodec, writeLong, writeText } from './record-codec.js'

/** What a message says. Apps that need more than text send `data` with a media type of their own. */
export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'data'; readonly mediaType: string; readonly bytes: Uint8Array }

/** A message in a conversation's history. Written once: its status follows from the conversation's record. */
export interface MessageRecord {
  readonly id: MessageId
  readonly own: boolean
  /** With `number`, names the message in its author's numbering. */
  readonly stream: Uint8Array
  readonly number: number
  readonly clock: number
  readonly sentAt: number
  readonly storedAt: number
  readonly content: Content
  /** Of a received message: what it counts as here. */
  readonly priority: Priority
}

/** The version that notes priorities: before, everything was routine. */
const WITH_PRIORITY = 2

export const messageRecord = recordCodec<MessageRecord>(
  'message',
  WITH_PRIORITY,
  (writer, message) => {
    writer.bytes(decodeHex(message.id)).u8(message.own ? 1 : 0)
    writeLong(writer, message.stream)
    writer.u64(message.number).u64(message.clock).u64(message.sentAt).u64(message.storedAt)
    const { content } = message
    writer.u8(content.kind === 'text' ? 0 : 1)
    if (content.kind === 'text') {
      writeText(writer, content.text)
    } else {
      writeText(writer, content.mediaType)
      writeLong(writer, content.bytes)
    }
    writer.u8(rankOf(message.priority))
  },
  (reader, version) => {
    const id = encodeMessageId(reader.bytes(MESSAGE_ID_BYTES))
    const own = reader.u8() === 1
    const stream = readLong(reader)
    const number = reader.u64()
    const clock = reader.u64()
    const sentAt = reader.u64()
    const storedAt = reader.u64()
    const isText = reader.u8() === 0
    const content: Content = isText
      ? { kind: 'text', text: readText(reader) }
      : { kind: 'data', mediaType: readText(reader), bytes: readLong(reader) }
    const priority = priorityOf(version < WITH_PRIORITY ? undefined : reader.u8())
    return { id, own, stream, number, clock, sentAt, storedAt, content, priority }
  },
  1
)
