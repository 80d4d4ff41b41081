import { readList, recordCodec, writeList } from './record-codec.js'
import { MessengerError } from '../../errors.js'
import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'

const ID_BYTES = 32
const TAG_BYTES = 16
const SECRET_BYTES = 16
/** Bytes of the name of a source: the beginning of a hash. */
export const SOURCE_BYTES = 8

const ADDED = 0
const REMOVED = 1
const RELEASED = 2
const PURGED = 3
const LOST = 4

/** What became of one envelope of the mailbox. */
export type MailboxChange =
  | {
      readonly kind: 'added'
      readonly id: Uint8Array
      readonly tag: Uint8Array
      readonly bytes: number
      /** The beginning of a hash of the peer it came from. */
      readonly source: Uint8Array
      readonly standing: 'stranger' | 'contact' | 'own'
    }
  | { readonly kind: 'removed'; readonly id: Uint8Array }
  /** It was for this device and has arrived: from `dueAt` (epoch ms) on others may learn the secret of its tag. */
  | {
      readonly kind: 'released'
      readonly id: Uint8Array
      readonly secret: Uint8Array
      readonly dueAt: number
    }
  /** It has arrived where it was to go, as the secret of its tag proves. */
  | { readonly kind: 'purged'; readonly id: Uint8Array; readonly secret: Uint8Array }
  /** Its record was damaged: not even its id is known any more, so that it may come again. */
  | { readonly kind: 'lost'; readonly id: Uint8Array }

/**
 * Changes of the mailbox that were committed together, of envelopes that expire on one day. A start reads these, and none of the envelopes
 * themselves; when the day is over, all of its records go.
 */
export const mailboxRecord = recordCodec<readonly MailboxChange[]>(
  'mailbox',
  1,
  (writer, changes) => {
    writeList(writer, changes, (change) => {
      writeChange(writer, change)
    })
  },
  (reader) => readList(reader, () => readChange(reader))
)

function writeChange(writer: Writer, change: MailboxChange): void {
  switch (change.kind) {
    case 'added':
      writer.u8(ADDED).bytes(change.id).bytes(change.tag).u16(change.bytes).bytes(change.source)
      writer.u8(STANDINGS.indexOf(change.standing))
      return
    case 'removed':
      writer.u8(REMOVED).bytes(change.id)
      return
    case 'released':
      writer.u8(RELEASED).bytes(change.id).bytes(change.secret).u64(change.dueAt)
      return
    case 'purged':
      writer.u8(PURGED).bytes(change.id).bytes(change.secret)
      return
    case 'lost':
      writer.u8(LOST).bytes(change.id)
  }
}

const STANDINGS = ['stranger', 'contact', 'own'] as const

function readChange(reader: Reader): MailboxChange {
  const kind = reader.u8()
  const id = reader.bytes(ID_BYTES).slice()
  switch (kind) {
    case ADDED: {
      const tag = reader.bytes(TAG_BYTES).slice()
      const bytes = reader.u16()
      const source = reader.bytes(SOURCE_BYTES).slice()
      return { kind: 'added', id, tag, bytes, source, standing: STANDINGS[reader.u8()] ?? 'stranger' }
    }
    case REMOVED:
      return { kind: 'removed', id }
    case RELEASED:
      return { kind: 'released', id, secret: reader.bytes(SECRET_BYTES).slice(), dueAt: reader.u64() }
    case PURGED:
      return { kind: 'purged', id, secret: reader.bytes(SECRET_BYTES).slice() }
    case LOST:
      return { kind: 'lost', id }
    default:
      throw new MessengerError(
        'RECORD_DAMAGED',
        'A mailbox record cannot be read; what it speaks of is fetched again'
      )
  }
}
