import { recordCodec } from './record-codec.js'

/** The key of a message that has not arrived. */
export interface SkippedRecord {
  readonly key: Uint8Array
  /** Epoch ms: it is deleted after its life. */
  readonly keptAt: number
}

export const skippedRecord = recordCodec<SkippedRecord>(
  'skipped key',
  1,
  (writer, { key, keptAt }) => {
    writer.bytes(key).u64(keptAt)
  },
  (reader) => ({ key: reader.bytes(32).slice(), keptAt: reader.u64() })
)
