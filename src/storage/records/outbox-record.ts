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
  readonly items: readonly OutboxItem[]
  /** The sealed envelope: every retransmission sends these bytes. Absent while the messages wait for a session. */
  readonly envelope?: Uint8Array
}

export const outboxRecord = recordCodec<OutboxRecord>(
  'outbox',
  1,
  (writer, entry) => {
    writer.u64(entry.number).u16(entry.expiryDay)
    writeList(writer, entry.items, ({ position, body }) => {
      writeText(writer, position)
      writeLong(writer, body)
    })
    writeOptional(writer, entry.envelope, (envelope) => {
      writeLong(writer, envelope)
    })
  },
  (reader) => {
    const number = reader.u64()
    const expiryDay = reader.u16()
    const items = readList(reader, () => ({ position: readText(reader), body: readLong(reader) }))
    const envelope = readOptional(reader, () => readLong(reader))
    return { number, expiryDay, items, ...optional('envelope', envelope) }
  }
)
