import { recordCodec } from './record-codec.js'

/** What stays of a contact that was removed, under a name only this store can compute. */
export interface ForgottenRecord {
  /** Highest generation of any session there was: the other side may still keep those, so the next one has to be above. */
  readonly generation: number
}

export const forgottenRecord = recordCodec<ForgottenRecord>(
  'forgotten contact',
  1,
  (writer, { generation }) => {
    writer.u32(generation)
  },
  (reader) => ({ generation: reader.u32() })
)
