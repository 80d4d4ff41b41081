import {
  optional,
  readLong,
  readOptional,
  readText,
  recordCodec,
  writeLong,
  writeOptional,
  writeText
} from './record-codec.js'

/** A numbered message on its way: deleted with the commit that stores its receipt. */
export interface OutboxRecord {
  readonly number: number
  /** Where it stands in the history; empty for what is not shown, such as a profile. */
  readonly position: string
  readonly expiryDay: number
  /** The encoded body, kept for a new session if the recipient loses its state. */
  readonly body: Uint8Array
  /** The sealed envelope: every retransmission sends these bytes. Absent while the message waits for a session. */
  readonly envelope?: Uint8Array
}

export const outboxRecord = recordCodec<OutboxRecord>(
  'outbox',
  1,
  (writer, entry) => {
    writer.u64(entry.number)
    writeText(writer, entry.position)
    writer.u16(entry.expiryDay)
    writeLong(writer, entry.body)
    writeOptional(writer, entry.envelope, (envelope) => {
      writeLong(writer, envelope)
    })
  },
  (reader) => {
    const number = reader.u64()
    const position = readText(reader)
    const expiryDay = reader.u16()
    const body = readLong(reader)
    const envelope = readOptional(reader, () => readLong(reader))
    return { number, position, expiryDay, body, ...optional('envelope', envelope) }
  }
)
