import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { NONCE_BYTES, TAG_BYTES as AEAD_TAG_BYTES } from '../../crypto/aead.js'
import { KEM_CIPHERTEXT_BYTES } from '../../crypto/kem.js'
import { readCertificate, type Certificate } from '../identity/certificate.js'
import { MAX_GENERATION } from '../limits.js'
import { KEM_PREKEY_ID_BYTES } from '../prekeys/prekeys.js'
import { SUITE } from '../prekeys/bundle.js'
import type { RatchetMessage } from '../ratchet/encrypt.js'
import { SEALED_HEADER_BYTES } from '../ratchet/header.js'
import { PREFIX_BYTES, TAG_BYTES } from '../envelope/envelope.js'
import { PROOF_BYTES } from './proof-of-work.js'

const VERSION = 1
const FLAG_ONE_TIME = 1
const FLAG_PQ_RATCHET = 2
const KNOWN_FLAGS = FLAG_ONE_TIME | FLAG_PQ_RATCHET
/** `epoch u32 ‖ ephemeral key 32`, masked in the invited lane. */
export const ROUTE_BYTES = 36

/** Bytes a hello adds before its sealed content, and after it, by lane. */
export const HELLO_FRAME_BYTES = {
  invited: PREFIX_BYTES + ROUTE_BYTES + NONCE_BYTES + AEAD_TAG_BYTES,
  open: PREFIX_BYTES + ROUTE_BYTES + PROOF_BYTES + NONCE_BYTES + AEAD_TAG_BYTES
} as const

/** What stands inside the outer seal of a hello. */
export interface HelloContent {
  readonly certificate: Certificate
  readonly generation: number
  readonly bundleHash: Uint8Array
  readonly ephemeralKey: Uint8Array
  readonly kemCiphertext: Uint8Array
  readonly kemPrekeyId: Uint8Array
  /** Whether the invite's one-time key took part. */
  readonly oneTime: boolean
  /** Whether the session has the post-quantum ratchet: its recipient's bundle announced it, and its initiator has it. */
  readonly pqRatchet: boolean
  /** The tag under which the session knows the message. */
  readonly tag: Uint8Array
  readonly message: RatchetMessage
}

/** As {@link HelloContent}, with the certificate as its author encoded it. */
export type HelloFields = Omit<HelloContent, 'certificate'> & { readonly certificate: Uint8Array }

/** `ver‖suite‖certificate‖generation u32‖bundle hash 32‖EK 32‖ct 1088‖KEM id 8‖flags u8‖tag 16‖nonce 12‖sealed header 59‖sealed body` */
export function encodeHelloContent(fields: HelloFields): Uint8Array {
  const { message } = fields
  return new Writer(2048)
    .u8(VERSION)
    .u8(SUITE)
    .bytes(fields.certificate)
    .u32(fields.generation)
    .bytes(fields.bundleHash)
    .bytes(fields.ephemeralKey)
    .bytes(fields.kemCiphertext)
    .bytes(fields.kemPrekeyId)
    .u8((fields.oneTime ? FLAG_ONE_TIME : 0) | (fields.pqRatchet ? FLAG_PQ_RATCHET : 0))
    .bytes(fields.tag)
    .bytes(message.nonce)
    .bytes(message.sealedHeader)
    .bytes(message.sealedBody)
    .finish()
}

/** The content of an opened hello; `undefined` if it is malformed, of another version, or its certificate does not verify. */
export function decodeHelloContent(bytes: Uint8Array): HelloContent | undefined {
  const reader = new Reader(bytes)
  if (reader.u8() !== VERSION || reader.u8() !== SUITE) return undefined
  const certificate = readCertificate(reader)
  const generation = reader.u32()
  const bundleHash = reader.bytes(32).slice()
  const ephemeralKey = reader.bytes(32).slice()
  const kemCiphertext = reader.bytes(KEM_CIPHERTEXT_BYTES).slice()
  const kemPrekeyId = reader.bytes(KEM_PREKEY_ID_BYTES).slice()
  const flags = reader.u8()
  const tag = reader.bytes(TAG_BYTES).slice()
  const nonce = reader.bytes(NONCE_BYTES)
  const sealedHeader = reader.bytes(SEALED_HEADER_BYTES)
  if (reader.failed || certificate === undefined || flags > KNOWN_FLAGS || generation > MAX_GENERATION)
    return undefined
  return {
    certificate,
    generation,
    bundleHash,
    ephemeralKey,
    kemCiphertext,
    kemPrekeyId,
    oneTime: (flags & FLAG_ONE_TIME) !== 0,
    pqRatchet: (flags & FLAG_PQ_RATCHET) !== 0,
    tag,
    message: { nonce, sealedHeader, sealedBody: reader.rest() }
  }
}
