import {
  encodeMessageId,
  type IdentityId,
  MESSAGE_ID_BYTES,
  type ConversationId,
  type MessageId
} from '../../codec/ids.js'
import { Body as BodyFields, Payload as PayloadFields, type Receipt } from '../../codec/payload.js'
import { Writer } from '../../codec/writer.js'
import { sha256 } from '../../crypto/hash.js'
import type { OwnIdentity } from '../identity/identity.js'
import { label } from '../labels.js'
import {
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  MAX_BODIES,
  MAX_BUNDLE_BYTES,
  MAX_CONTENT_BYTES,
  MAX_MEDIA_TYPE_BYTES,
  MAX_NAME_BYTES,
  MAX_PARENTS,
  MAX_RECEIPT_RANGES,
  MAX_STREAMS
} from '../limits.js'
import { parseRanges } from '../delivery/ranges.js'
import { reject, type Rejected } from '../rejection.js'

export type { Receipt }

/** Content of a kind that an application names. */
interface Data {
  mediaType: string
  bytes: Uint8Array
}

/** What its author goes by, where it is, and its newest bundle. */
interface Profile {
  name: string
  addresses: string[]
  bundle: Uint8Array
}

/** One numbered message. */
export interface Body extends Omit<BodyFields, 'text' | 'data' | 'profile'> {
  text?: string
  data?: Data
  profile?: Profile
}

/** What one ratchet message says. */
export interface Payload {
  readonly bodies: readonly Body[]
  readonly receipts: readonly Receipt[]
  /** Of the post-quantum ratchet. */
  readonly piece?: Uint8Array
}

/** Bytes that name a stream: the beginning of its author's incarnation. */
export const STREAM_BYTES = 8

export function streamOf({ incarnation }: Pick<OwnIdentity, 'incarnation'>): Uint8Array {
  return incarnation.subarray(0, STREAM_BYTES)
}

/** When an own encoded body says it was sent, epoch ms. */
export function sentAtOf(body: Uint8Array): number {
  return BodyFields.decode(body).sentAt
}

/** What a message id is the hash of, bytes. */
const MESSAGE_NAME_BYTES = 128

/** The tag of the field `Payload.bodies`: number 1, length-delimited. */
const BODY_FIELD = 0x0a
/** Longest length of a field, as a varint, bytes. */
const MAX_LENGTH_BYTES = 5

/** The tag of the field `Payload.piece`: number 3, length-delimited. */
const PIECE_FIELD = 0x1a
/** Bytes that the field adds to a piece: its tag, and a length of at most 14 bits. */
export const PIECE_FIELD_BYTES = 3

const NOTHING = new Uint8Array(0)

const FIELD_LIMITS = {
  receipts: MAX_STREAMS,
  receipts$: { delivered: 2 * MAX_RECEIPT_RANGES, read: 2 * MAX_RECEIPT_RANGES },
  bodies: MAX_BODIES,
  bodies$: { parents: MAX_PARENTS, profile: { addresses: MAX_ADDRESSES } }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Bytes of UTF-8. */
export function textLength(text: string): number {
  return encoder.encode(text).length
}

/** Whether a text has at most `max` bytes of UTF-8; a short one need not be counted, as no UTF-16 unit takes more than three. */
export function fitsText(text: string, max: number): boolean {
  return text.length * 3 <= max || textLength(text) <= max
}

export function encodeBody({ text, data, profile, ...body }: Body): Uint8Array {
  const fields: BodyFields = body
  if (text !== undefined) fields.text = encoder.encode(text)
  if (data !== undefined) fields.data = { ...data, mediaType: encoder.encode(data.mediaType) }
  if (profile !== undefined) {
    const addresses = profile.addresses.map((address) => encoder.encode(address))
    fields.profile = { ...profile, name: encoder.encode(profile.name), addresses }
  }
  return BodyFields.encode(fields)
}

/** Bytes that an encoded body takes in a payload. */
export function bodyShare(body: Uint8Array): number {
  return 1 + MAX_LENGTH_BYTES + body.length
}

/** A payload of bodies as the outbox keeps them, encoded: the encodings of fields follow each other (protobuf). */
export function encodePayload(bodies: readonly Uint8Array[], receipts: readonly Receipt[]): Uint8Array {
  const rest = receipts.length === 0 ? NOTHING : PayloadFields.encode({ bodies: [], receipts: [...receipts] })
  const writer = new Writer(bodies.reduce((sum, body) => sum + bodyShare(body), rest.length))
  for (const body of bodies) writeField(writer, BODY_FIELD, body)
  return writer.bytes(rest).finish()
}

function writeField(writer: Writer, tag: number, bytes: Uint8Array): void {
  let { length } = bytes
  for (writer.u8(tag); length > 0x7f; length >>>= 7) writer.u8((length & 0x7f) | 0x80)
  writer.u8(length).bytes(bytes)
}

/** An encoded payload with a piece of the post-quantum ratchet: at most {@link PIECE_FIELD_BYTES} more than both. */
export function appendPiece(payload: Uint8Array, piece: Uint8Array): Uint8Array {
  const writer = new Writer(payload.length + piece.length + PIECE_FIELD_BYTES).bytes(payload)
  writeField(writer, PIECE_FIELD, piece)
  return writer.finish()
}

/** The body with its texts, by the platform's decoder: protons' own takes for UTF-8 what is none. Throws `TypeError`. */
function withTexts({ text, data, profile, ...fields }: BodyFields): Body {
  const body: Body = fields
  if (text !== undefined) body.text = decoder.decode(text)
  if (data !== undefined) body.data = { ...data, mediaType: decoder.decode(data.mediaType) }
  if (profile !== undefined) {
    const addresses = profile.addresses.map((address) => decoder.decode(address))
    body.profile = { ...profile, name: decoder.decode(profile.name), addresses }
  }
  return body
}

/** The payload in an authenticated message. Its author is a contact, but its bytes are checked like anybody's. */
export function decodePayload(
  bytes: Uint8Array
): { readonly kind: 'decoded'; readonly payload: Payload } | Rejected<'malformed' | 'over-limit'> {
  let payload: Payload
  try {
    const { bodies, ...fields } = PayloadFields.decode(bytes, { limits: FIELD_LIMITS })
    payload = { bodies: bodies.map(withTexts), ...fields }
  } catch (error) {
    // protons has no other way to refuse; anything but an Error is no refusal.
    if (error instanceof Error) return reject('malformed')
    throw error
  }
  return isWithinLimits(payload) ? { kind: 'decoded', payload } : reject('over-limit')
}

function isWithinLimits(payload: Payload): boolean {
  return payload.receipts.every(isReceipt) && payload.bodies.every(isBody)
}

function isReceipt(receipt: Receipt): boolean {
  return (
    receipt.stream.length === STREAM_BYTES &&
    parseRanges(receipt.delivered, MAX_RECEIPT_RANGES) !== undefined &&
    parseRanges(receipt.read, MAX_RECEIPT_RANGES) !== undefined &&
    (receipt.latest === undefined || isCount(receipt.latest))
  )
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isBody(body: Body): boolean {
  const contents = [body.text, body.data, body.profile].filter((content) => content !== undefined)
  return (
    body.stream.length === STREAM_BYTES &&
    isCount(body.number) &&
    isCount(body.clock) &&
    isCount(body.sentAt) &&
    body.parents.every((parent) => parent.length === MESSAGE_ID_BYTES) &&
    // None: a kind of content this version does not know.
    contents.length <= 1 &&
    (body.text === undefined || fitsText(body.text, MAX_CONTENT_BYTES)) &&
    (body.data === undefined ||
      (body.data.bytes.length <= MAX_CONTENT_BYTES && fitsText(body.data.mediaType, MAX_MEDIA_TYPE_BYTES))) &&
    (body.profile === undefined || isProfile(body.profile))
  )
}

function isProfile(profile: NonNullable<Body['profile']>): boolean {
  return (
    fitsText(profile.name, MAX_NAME_BYTES) &&
    profile.addresses.every((address) => fitsText(address, MAX_ADDRESS_BYTES)) &&
    profile.bundle.length <= MAX_BUNDLE_BYTES
  )
}

/** Where a message's name is put together: it is no secret, and hashed at once. */
const messageName = new Writer(MESSAGE_NAME_BYTES)

/** SHA-256(label ‖ author ‖ conversation ‖ stream ‖ number), cut to 16 bytes: the same on both sides, and nobody can take another's. */
export function messageId(
  author: IdentityId,
  conversation: ConversationId,
  stream: Uint8Array,
  number: number
): MessageId {
  messageName.clear()
  messageName.bytes(label('message/id')).prefixedText(author).prefixedText(conversation)
  const name = messageName.prefixed(stream).u64(number).finish()
  return encodeMessageId(sha256(name).slice(0, MESSAGE_ID_BYTES))
}
