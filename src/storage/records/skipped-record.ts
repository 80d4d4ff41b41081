import { recordCodec } from './record-codec.js'

const SECRET_BYTES = 16

/** The key of a message that has not arrived. */
export interface SkippedRecord {
  readonly key: Uint8Array
  /** Epoch ms: it is deleted after its life. */
  readonly keptAt: number
  /** The secret of its tag, which is released once it has arrived; absent in records of before there were such. */
  readonly secret?: Uint8Array
}

export const skippedRecord = recordCodec<SkippedRecord>(
  'skipped key',
  1,
  (writer, { key, keptAt, secret }) => {
    writer.bytes(key).u64(keptAt)
    if (secret !== undefined) writer.bytes(secret)
  },
  (reader) => {
    const record = { key: reader.bytes(32).slice(), keptAt: reader.u64() }
    return reader.remaining === 0 ? record : { ...record, secret: reader.bytes(SECRET_BYTES).slice() }
  }
)
