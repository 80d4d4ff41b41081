import {
  encodeMessageId,
  type IdentityId,
  MESSAGE_ID_BYTES,
  type ConversationId,
  type MessageId
} from '../../codec/ids.js'
import { Payload, type Body, type Receipt } from '../../codec/payload.js'
import { Writer } from '../../codec/writer.js'
import { sha256 } from '../../crypto/hash.js'
import { label } from '../labels.js'
import {
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
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

export type { Body, Payload, Receipt }

/** Bytes that name a stream: the beginning of its author's incarnation. */
export const STREAM_BYTES = 8

/** What a message id is the hash of, bytes. */
const MESSAGE_NAME_BYTES = 128

const encoder = new TextEncoder()

/** Bytes of UTF-8. */
export function textLength(text: string): number {
  return encoder.encode(text).length
}

/** Whether a text has at most `max` bytes of UTF-8; a short one need not be counted, as no UTF-16 unit takes more than three. */
export function fitsText(text: string, max: number): boolean {
  return text.length * 3 <= max || textLength(text) <= max
}

export function encodePayload(payload: Payload): Uint8Array {
  return Payload.encode(payload)
}

/** The payload in an authenticated message. Its author is a contact, but its bytes are checked like anybody's. */
export function decodePayload(
  bytes: Uint8Array
): { readonly kind: 'decoded'; readonly payload: Payload } | Rejected<'malformed' | 'over-limit'> {
  let payload: Payload
  try {
    payload = Payload.decode(bytes, {
      limits: {
        receipts: MAX_STREAMS,
        receipts$: { delivered: 2 * MAX_RECEIPT_RANGES, read: 2 * MAX_RECEIPT_RANGES },
        body: { parents: MAX_PARENTS, profile: { addresses: MAX_ADDRESSES } }
      }
    })
  } catch (error) {
    // protons has no other way to refuse; anything but an Error is no refusal.
    if (error instanceof Error) return reject('malformed')
    throw error
  }
  return isWithinLimits(payload) ? { kind: 'decoded', payload } : reject('over-limit')
}

function isWithinLimits(payload: Payload): boolean {
  return payload.receipts.every(isReceipt) && (payload.body === undefined || isBody(payload.body))
}

function isReceipt(receipt: Receipt): boolean {
  return (
    receipt.stream.length === STREAM_BYTES &&
    parseRanges(receipt.delivered, MAX_RECEIPT_RANGES) !== undefined &&
    parseRanges(receipt.read, MAX_RECEIPT_RANGES) !== undefined
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

/** SHA-256(label ‖ author ‖ conversation ‖ stream ‖ number), cut to 16 bytes: the same on both sides, and nobody can take another's. */
export function messageId(
  author: IdentityId,
  conversation: ConversationId,
  stream: Uint8Array,
  number: number
): MessageId {
  const writer = new Writer(MESSAGE_NAME_BYTES)
    .bytes(label('message/id'))
    .prefixed(encoder.encode(author))
    .prefixed(encoder.encode(conversation))
    .prefixed(stream)
    .u64(number)
  return encodeMessageId(sha256(writer.finish()).subarray(0, MESSAGE_ID_BYTES))
}
