import { recordCodec } from './record-codec.js'

/** A kept envelope, byte for byte as it travels. */
export const envelopeRecord = recordCodec<Uint8Array>(
  'envelope',
  1,
  (writer, envelope) => {
    writer.bytes(envelope)
  },
  (reader) => reader.rest().slice()
)
