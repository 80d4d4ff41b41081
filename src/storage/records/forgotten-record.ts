import { readInvite, writeInvite, type HeldInvite } from './contact-record.js'
import { optional, readOptional, recordCodec, writeOptional } from './record-codec.js'

/** What stays of a contact that was removed, under a name only this store can compute. */
export interface ForgottenRecord {
  /** Highest generation of any session there was: the other side may still keep those, so the next one has to be above. */
  readonly generation: number
  /** Above every number given to it, whose greatest profile is the one it keeps. */
  readonly nextNumber?: number
  /** The invite of its card, if that was used: the card may be added again. */
  readonly invite?: HeldInvite
}

export const forgottenRecord = recordCodec<ForgottenRecord>(
  'forgotten contact',
  3,
  (writer, { generation, invite, nextNumber }) => {
    writeOptional(writer.u32(generation), invite, (used) => {
      writeInvite(writer, used)
    })
    writeOptional(writer, nextNumber, (number) => {
      writer.u64(number)
    })
  },
  (reader, version) => ({
    generation: reader.u32(),
    ...optional('invite', version === 1 ? undefined : readOptional(reader, () => readInvite(reader))),
    ...optional('nextNumber', version < 3 ? undefined : readOptional(reader, () => reader.u64()))
  }),
  1
)
