import { base32 } from 'multiformats/bases/base32'
import { encodeHex } from './hex.js'

declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

/** Names an identity: 32 characters of base32, derived from the identity's signing key. A contact's id is its identity's id. */
export type IdentityId = Brand<'IdentityId'>
/** Names a conversation, the same on both sides: 32 characters of base32. */
export type ConversationId = Brand<'ConversationId'>
/** Names a message, the same on both sides: 32 hexadecimal characters. */
export type MessageId = Brand<'MessageId'>

/** Bytes of an identity id and of a conversation id: 160 bits, 32 characters of base32 without padding. */
export const ID_BYTES = 20
/** Bytes of a message id. */
export const MESSAGE_ID_BYTES = 16

const ID_PATTERN = /^[a-z2-7]{32}$/

function encodeId(bytes: Uint8Array): string {
  if (bytes.length !== ID_BYTES) throw new RangeError(`An id has ${String(ID_BYTES)} bytes`)
  return base32.baseEncode(bytes)
}

export function encodeIdentityId(bytes: Uint8Array): IdentityId {
  return encodeId(bytes) as IdentityId
}

export function encodeConversationId(bytes: Uint8Array): ConversationId {
  return encodeId(bytes) as ConversationId
}

export function encodeMessageId(bytes: Uint8Array): MessageId {
  return encodeHex(bytes) as MessageId
}

/** The identity id in `text`, or `undefined` if it is none. */
export function parseIdentityId(text: string): IdentityId | undefined {
  return ID_PATTERN.test(text) ? (text as IdentityId) : undefined
}

/** The conversation id in `text`, or `undefined` if it is none. */
export function parseConversationId(text: string): ConversationId | undefined {
  return ID_PATTERN.test(text) ? (text as ConversationId) : undefined
}

/** The message id in `text`, or `undefined` if it is none. */
export function parseMessageId(text: string): MessageId | undefined {
  return /^[0-9a-f]{32}$/.test(text) ? (text as MessageId) : undefined
}
