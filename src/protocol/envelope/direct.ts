import { Writer } from '../../codec/writer.js'
import { NONCE_BYTES, TAG_BYTES as AEAD_TAG_BYTES } from '../../crypto/aead.js'
import type { RandomSource } from '../../crypto/random.js'
import { prepareMessage, sealMessage, type RatchetMessage } from '../ratchet/encrypt.js'
import { SEALED_HEADER_BYTES } from '../ratchet/header.js'
import type { Session } from '../ratchet/session.js'
import { reject, type Rejected } from '../rejection.js'
import { encodePrefix, envelopeSize, LANE_TAGGED, PREFIX_BYTES, type EnvelopeOutline } from './envelope.js'
import { pad } from './padding.js'

/** Bytes a direct envelope adds to its padded content. */
export const DIRECT_FRAME_BYTES = PREFIX_BYTES + NONCE_BYTES + SEALED_HEADER_BYTES + AEAD_TAG_BYTES

/**
 * Encrypt content into a tagged envelope: `prefix 20 ‖ nonce 12 ‖ sealed header 59 ‖ sealed padded body`, exactly one of the envelope sizes. The
 * session returned must be committed with the envelope before it leaves.
 */
export function sealDirect(
  session: Session,
  content: Uint8Array,
  expiryDay: number,
  random: RandomSource
):
  | { readonly kind: 'sealed'; readonly session: Session; readonly envelope: Uint8Array }
  | Rejected<'too-large'> {
  const size = envelopeSize(DIRECT_FRAME_BYTES + content.length + 1)
  if (size === undefined) return reject('too-large')
  const prepared = prepareMessage(session, random)
  const prefix = encodePrefix(LANE_TAGGED, expiryDay, prepared.tag)
  const message = sealMessage(prepared, prefix, pad(content, size - DIRECT_FRAME_BYTES), random)
  const envelope = new Writer(size)
    .bytes(prefix)
    .bytes(message.nonce)
    .bytes(message.sealedHeader)
    .bytes(message.sealedBody)
  return { kind: 'sealed', session: prepared.session, envelope: envelope.finish() }
}

/** The parts of a tagged envelope, as views. */
export function openDirect(outline: EnvelopeOutline): {
  readonly prefix: Uint8Array
  readonly message: RatchetMessage
} {
  const { bytes } = outline
  const header = PREFIX_BYTES + NONCE_BYTES
  const body = header + SEALED_HEADER_BYTES
  return {
    prefix: bytes.subarray(0, PREFIX_BYTES),
    message: {
      nonce: bytes.subarray(PREFIX_BYTES, header),
      sealedHeader: bytes.subarray(header, body),
      sealedBody: bytes.subarray(body)
    }
  }
}
