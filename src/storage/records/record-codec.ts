import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { MessengerError } from '../../errors.js'

/** Writes and reads one kind of record: a version byte, then its fields. */
export interface RecordCodec<T> {
  encode(value: T): Uint8Array
  /** Throws `RECORD_DAMAGED`: the store's seal held, so this is a record of another version or a defect. */
  decode(bytes: Uint8Array): T
}

export function recordCodec<T>(
  name: string,
  version: number,
  write: (writer: Writer, value: T) => void,
  read: (reader: Reader, version: number) => T,
  /** The oldest version that `read` knows. */
  oldest = version
): RecordCodec<T> {
  // Kept, as it is as large as the largest record before long: to grow costs more than to write.
  const writer = new Writer()
  return {
    encode(value) {
      try {
        write(writer.u8(version), value)
        return writer.take()
      } finally {
        // Nothing is left of a record that cannot be written.
        writer.clear()
      }
    },
    decode(bytes) {
      const reader = new Reader(bytes)
      const found = reader.u8()
      if (found < oldest || found > version) throw damaged(name)
      const value = read(reader, found)
      if (!reader.finished()) throw damaged(name)
      return value
    }
  }
}

function damaged(name: string): MessengerError {
  return new MessengerError(
    'RECORD_DAMAGED',
    `A ${name} record cannot be read; restore the store or remove the contact it belongs to`
  )
}

// A byte order mark belongs to the text.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })

/** Text with a 32-bit length. */
export function writeText(writer: Writer, text: string): void {
  writer.text(text)
}

export function readText(reader: Reader): string {
  return decoder.decode(readLong(reader))
}

/** Bytes with a 32-bit length. */
export function writeLong(writer: Writer, bytes: Uint8Array): void {
  writer.long(bytes)
}

/** A copy, so that no record keeps the buffer of another alive. */
export function readLong(reader: Reader): Uint8Array {
  return reader.bytes(reader.u32()).slice()
}

export function writeOptional<T>(writer: Writer, value: T | undefined, write: (value: T) => void): void {
  writer.u8(value === undefined ? 0 : 1)
  if (value !== undefined) write(value)
}

export function readOptional<T>(reader: Reader, read: () => T): T | undefined {
  return reader.u8() === 0 ? undefined : read()
}

export function writeList<T>(writer: Writer, values: readonly T[], write: (value: T) => void): void {
  writer.u32(values.length)
  for (const value of values) write(value)
}

export function readList<T>(reader: Reader, read: () => T): T[] {
  const count = reader.u32()
  const values: T[] = []
  for (let index = 0; index < count && !reader.failed; index++) values.push(read())
  return values
}

/** `{ [name]: value }`, or nothing: for optional fields under `exactOptionalPropertyTypes`. */
export function optional<Name extends string, T>(name: Name, value: T | undefined): Partial<Record<Name, T>> {
  const fields: Partial<Record<Name, T>> = {}
  if (value !== undefined) fields[name] = value
  return fields
}
