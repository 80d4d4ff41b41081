import { recordCodec } from './record-codec.js'

/** That a hello was accepted once: it must not make a second session. */
export interface AcceptedHelloRecord {
  /** Epoch ms. */
  readonly acceptedAt: number
}

export const acceptedHelloRecord = recordCodec<AcceptedHelloRecord>(
  'accepted hello',
  1,
  (writer, { acceptedAt }) => {
    writer.u64(acceptedAt)
  },
  (reader) => ({ acceptedAt: reader.u64() })
)
