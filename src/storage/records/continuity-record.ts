import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'
import { INCARNATION_BYTES } from '../../protocol/identity/identity.js'
import {
  optional,
  readList,
  readOptional,
  readText,
  recordCodec,
  writeList,
  writeOptional,
  writeText
} from './record-codec.js'

/**
 * Why an incarnation is renewed. `copied`: the store does not lie where it lay. `damaged`: the disk had changed a part of it, which is gone or older
 * than it was. `restored`: the app said so. `asked`: `identity.renew()`. `receipt`, `bundle`: a receipt names messages, or a bundle bears a
 * number, that this device never gave out.
 */
export type RenewalReason = 'copied' | 'restored' | 'asked' | 'receipt' | 'bundle' | 'damaged'

/** Stored by their places here. */
const REASONS: readonly RenewalReason[] = ['copied', 'restored', 'asked', 'receipt', 'bundle', 'damaged']

/** How the mark in the store's directory was found when it was last written. */
export interface KeptMark {
  readonly text: string
  /** Device, inode and birth of the file. */
  readonly file: string
  /** When anything of the file last changed. */
  readonly changed: string
}

/** What tells this device's state from a copy of it. */
export interface ContinuityRecord {
  /** Incarnations before the current one, oldest first: receipts of what was sent in them still count. */
  readonly former: readonly Uint8Array[]
  /** Sequence number of the first bundle of the current incarnation. */
  readonly firstSeq: number
  /** The latest renewals, oldest first. */
  readonly renewals: readonly { readonly at: number; readonly reason: RenewalReason }[]
  /** Somebody else goes on from a copy of this state, and was renewed after it. */
  readonly contested: boolean
  /** A renewal that was begun. */
  readonly due?: RenewalReason
  readonly mark?: KeptMark
  /** The text of a mark that is being written. */
  readonly pending?: string
}

/** A state that was never copied. */
export const UNBROKEN: ContinuityRecord = { former: [], firstSeq: 0, renewals: [], contested: false }

function writeReason(writer: Writer, reason: RenewalReason): void {
  writer.u8(REASONS.indexOf(reason))
}

function readReason(reader: Reader): RenewalReason {
  return REASONS[reader.u8()] ?? 'copied'
}

export const continuityRecord = recordCodec<ContinuityRecord>(
  'continuity',
  1,
  (writer, record) => {
    writeList(writer, record.former, (incarnation) => writer.bytes(incarnation))
    writer.u64(record.firstSeq)
    writeList(writer, record.renewals, ({ at, reason }) => {
      writeReason(writer.u64(at), reason)
    })
    writer.u8(record.contested ? 1 : 0)
    writeOptional(writer, record.due, (reason) => {
      writeReason(writer, reason)
    })
    writeOptional(writer, record.mark, ({ text, file, changed }) => {
      for (const part of [text, file, changed]) writeText(writer, part)
    })
    writeOptional(writer, record.pending, (text) => {
      writeText(writer, text)
    })
  },
  (reader) => {
    const former = readList(reader, () => reader.bytes(INCARNATION_BYTES).slice())
    const firstSeq = reader.u64()
    const renewals = readList(reader, () => ({ at: reader.u64(), reason: readReason(reader) }))
    const contested = reader.u8() === 1
    const due = readOptional(reader, () => readReason(reader))
    const mark = readOptional(reader, () => ({
      text: readText(reader),
      file: readText(reader),
      changed: readText(reader)
    }))
    const pending = readOptional(reader, () => readText(reader))
    return {
      former,
      firstSeq,
      renewals,
      contested,
      ...optional('due', due),
      ...optional('mark', mark),
      ...optional('pending', pending)
    }
  }
)
