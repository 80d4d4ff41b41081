import { priorityOf, rankOf, type Priority } from '../../protocol/message/priority.js'
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

/** A numbered message on its way. */
export interface OutboxItem {
  /** Where it stands in the history; empty for what is not shown, such as a profile. */
  readonly position: string
  /** The encoded body, kept for a new session if the recipient loses its state. */
  readonly body: Uint8Array
}

/** Messages that travel together: deleted with the commit that stores the last of their receipts. */
export interface OutboxRecord {
  /** The number of the first; the others follow it one by one. */
  readonly number: number
  readonly expiryDay: number
  readonly priority: Priority
  readonly items: readonly OutboxItem[]
  /** The sealed envelope: every retransmission sends these bytes. Absent while the messages wait for a session. */
  readonly envelope?: Uint8Array
}

/** The version that notes priorities: before, everything was routine. */
const WITH_PRIORITY = 2

export const outboxRecord = recordCodec<OutboxRecord>(
  'outbox',
  WITH_PRIORITY,
  (writer, entry) => {
    writer.u64(entry.number).u16(entry.expiryDay)
    writeList(writer, entry.items, ({ position, body }) => {
      writeText(writer, position)
      writeLong(writer, body)
    })
    writeOptional(writer, entry.envelope, (envelope) => {
      writeLong(writer, envelope)
    })
    writer.u8(rankOf(entry.priority))
  },
  (reader, version) => {
    const number = reader.u64()
    const expiryDay = reader.u16()
    const items = readList(reader, () => ({ position: readText(reader), body: readLong(reader) }))
    const envelope = readOptional(reader, () => readLong(reader))
    const priority = priorityOf(version < WITH_PRIORITY ? undefined : reader.u8())
    return { number, expiryDay, priority, items, ...optional('envelope', envelope) }
  },
  1
)
