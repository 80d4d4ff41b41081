import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { sign, verify } from '../../crypto/signature.js'
import { compareBytes } from '../compare-bytes.js'
import { INVITE_BYTES } from '../handshake/invite.js'
import { readKey, writeKey } from '../key-tag.js'
import { label } from '../labels.js'
import {
  CLOCK_TOLERANCE_DAYS,
  DAY_MS,
  MAX_ADDRESS_BYTES,
  MAX_ADDRESSES,
  MAX_BUNDLE_BYTES,
  MAX_CARD_BYTES,
  MAX_NAME_BYTES
} from '../limits.js'
import { decodeBundle, SUITE, type Bundle } from '../prekeys/bundle.js'
import { reject, type Rejected } from '../rejection.js'
import type { OwnIdentity, PublicIdentity } from './identity.js'

const VERSION = 1
const SIGNATURE_BYTES = 64
const HAS_INVITE = 1
const HAS_BUNDLE = 2
const KNOWN_FLAGS = HAS_INVITE | HAS_BUNDLE

/** What makes the first contact of one holder cheap to recognise and impossible to flood. */
export interface CardInvite {
  /** 32 random bytes shared by owner and holder. */
  readonly secret: Uint8Array
  /** X25519 one-time prekey. */
  readonly oneTimeKey: Uint8Array
}

/** Identity and how to reach it, as handed from person to person. */
export interface ContactCard extends PublicIdentity {
  /** Epoch ms, whole seconds. */
  readonly notAfter: number
  /** The name its owner goes by; may be empty. */
  readonly name: string
  /** Where its owner's node listens; may be empty. */
  readonly addresses: readonly string[]
  /** Absent in reusable cards. */
  readonly invite?: CardInvite
  /** Present in full cards. */
  readonly bundle?: Bundle
}

const encoder = new TextEncoder()
// With `ignoreBOM` the mark stays: the name is what was signed, to the byte.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch (error) {
    // The only way TextDecoder tells that bytes are not UTF-8.
    if (error instanceof TypeError) return undefined
    throw error
  }
}

function signedInput(fields: Uint8Array): Uint8Array {
  return new Writer(MAX_CARD_BYTES).bytes(label('card')).bytes(fields).finish()
}

/**
 * `ver‖suite‖flags‖IKs‖IKd‖notAfter u32‖[INV 32‖one-time key]‖name‖addresses‖[bundle]‖signature`: about 210 bytes and the addresses
 * without a bundle, 1.8 kB with one. Signed by IKs, so a changed address or name is noticed.
 */
export function encodeCard(own: OwnIdentity, card: Omit<ContactCard, keyof PublicIdentity>): Uint8Array {
  const flags = (card.invite === undefined ? 0 : HAS_INVITE) | (card.bundle === undefined ? 0 : HAS_BUNDLE)
  const writer = new Writer(512).u8(VERSION).u8(SUITE).u8(flags)
  writeKey(writer, 'ed25519', own.signing.publicKey)
  writeKey(writer, 'x25519', own.dh.publicKey)
  writer.u32(Math.floor(card.notAfter / 1000))
  if (card.invite !== undefined) writeKey(writer.bytes(card.invite.secret), 'x25519', card.invite.oneTimeKey)
  writer.prefixed(encoder.encode(card.name)).u8(card.addresses.length)
  for (const address of card.addresses) writer.prefixed(encoder.encode(address))
  if (card.bundle !== undefined) writer.prefixed(card.bundle.encoded)
  const fields = writer.finish().slice()
  return new Writer(fields.length + SIGNATURE_BYTES)
    .bytes(fields)
    .bytes(sign(signedInput(fields), own.signing.secretKey))
    .finish()
}

type CardRejection = Rejected<'malformed' | 'unsupported' | 'bad-signature' | 'expired'>

/** The card in `bytes`, signature and expiry checked. */
export function decodeCard(
  bytes: Uint8Array,
  now: number
): { readonly kind: 'decoded'; readonly card: ContactCard } | CardRejection {
  if (bytes.length > MAX_CARD_BYTES) return reject('malformed')
  const reader = new Reader(bytes)
  if (reader.u8() !== VERSION || reader.u8() !== SUITE)
    return reject(reader.failed ? 'malformed' : 'unsupported')
  const flags = reader.u8()
  if ((flags & ~KNOWN_FLAGS) !== 0) return reject('unsupported')
  const signingKey = readKey(reader, 'ed25519')
  const dhKey = readKey(reader, 'x25519')
  const notAfter = reader.u32() * 1000
  const invite = (flags & HAS_INVITE) === 0 ? undefined : readInvite(reader)
  const name = decodeText(reader.prefixed(MAX_NAME_BYTES))
  const addresses = readAddresses(reader)
  const bundle = (flags & HAS_BUNDLE) === 0 ? undefined : decodeBundle(reader.prefixed(MAX_BUNDLE_BYTES))
  const signed = bytes.subarray(0, bytes.length - reader.remaining)
  const signature = reader.bytes(SIGNATURE_BYTES)
  if (!reader.finished() || invite === 'malformed' || bundle?.kind === 'rejected') return reject('malformed')
  if (signingKey === undefined || dhKey === undefined || name === undefined || addresses === undefined)
    return reject('malformed')
  if (!verify(signature, signedInput(signed), signingKey)) return reject('bad-signature')
  if (bundle !== undefined && !isSameIdentity(bundle.bundle, { signingKey, dhKey }))
    return reject('malformed')
  if (isCardExpired(notAfter, now)) return reject('expired')
  const card = { signingKey, dhKey, notAfter, name, addresses }
  return {
    kind: 'decoded',
    card: {
      ...card,
      ...(invite === undefined ? {} : { invite }),
      ...(bundle === undefined ? {} : { bundle: bundle.bundle })
    }
  }
}

/** Whether a card whose last moment is `notAfter` counts no more. */
export function isCardExpired(notAfter: number, now: number): boolean {
  return now > notAfter + CLOCK_TOLERANCE_DAYS * DAY_MS
}

function readInvite(reader: Reader): CardInvite | 'malformed' {
  const secret = reader.bytes(INVITE_BYTES).slice()
  const oneTimeKey = readKey(reader, 'x25519')
  return oneTimeKey === undefined ? 'malformed' : { secret, oneTimeKey }
}

function readAddresses(reader: Reader): string[] | undefined {
  const count = reader.u8()
  if (count > MAX_ADDRESSES) return undefined
  const addresses: string[] = []
  for (let index = 0; index < count; index++) {
    const address = decodeText(reader.prefixed(MAX_ADDRESS_BYTES))
    if (address === undefined) return undefined
    addresses.push(address)
  }
  return addresses
}

/** Whether both public keys are the same. */
export function isSameIdentity(one: PublicIdentity, other: PublicIdentity): boolean {
  return compareBytes(one.signingKey, other.signingKey) === 0 && compareBytes(one.dhKey, other.dhKey) === 0
}
