import { NONCE_BYTES, TAG_BYTES as AEAD_TAG_BYTES } from '../../crypto/aead.js'
import type { RandomSource } from '../../crypto/random.js'
import { MAX_ENVELOPE_BYTES } from '../limits.js'
import { prepareMessage, sealMessage, type RatchetMessage } from '../ratchet/encrypt.js'
import { SEALED_HEADER_BYTES } from '../ratchet/header.js'
import type { Session } from '../ratchet/session.js'
import { reject, type Rejected } from '../rejection.js'
import { encodePrefix, envelopeSize, LANE_TAGGED, PREFIX_BYTES, type EnvelopeOutline } from './envelope.js'
import { pad } from './padding.js'

const NONCE_OFFSET = PREFIX_BYTES
const HEADER_OFFSET = NONCE_OFFSET + NONCE_BYTES
const BODY_OFFSET = HEADER_OFFSET + SEALED_HEADER_BYTES
/** Bytes a direct envelope adds to its padded content. */
export const DIRECT_FRAME_BYTES = BODY_OFFSET + AEAD_TAG_BYTES

/** Zeros but for the moment in which content is padded: memory of its own would cost each message more than a hash. */
const room = new Uint8Array(MAX_ENVELOPE_BYTES)

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
  const padded = pad(content, size - DIRECT_FRAME_BYTES, room)
  try {
    // The body is sealed where it lies in the envelope.
    const { nonce, sealedHeader, sealedBody } = sealMessage(prepared, prefix, padded, random, BODY_OFFSET)
    sealedBody.set(prefix)
    sealedBody.set(nonce, NONCE_OFFSET)
    sealedBody.set(sealedHeader, HEADER_OFFSET)
    return { kind: 'sealed', session: prepared.session, envelope: sealedBody }
  } finally {
    padded.fill(0)
  }
}

/** The parts of a tagged envelope, as views. */
export function openDirect(outline: EnvelopeOutline): {
  readonly prefix: Uint8Array
  readonly message: RatchetMessage
} {
  const { bytes } = outline
  return {
    prefix: bytes.subarray(0, PREFIX_BYTES),
    message: {
      nonce: bytes.subarray(NONCE_OFFSET, HEADER_OFFSET),
      sealedHeader: bytes.subarray(HEADER_OFFSET, BODY_OFFSET),
      sealedBody: bytes.subarray(BODY_OFFSET)
    }
  }
}
