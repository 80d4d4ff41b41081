import type { IdentityId } from '../../codec/ids.js'
import type { Reader } from '../../codec/reader.js'
import type { Writer } from '../../codec/writer.js'
import { identityId, type PublicIdentity } from '../../protocol/identity/identity.js'
import {
  optional,
  readList,
  readLong,
  readOptional,
  readText,
  recordCodec,
  writeList,
  writeLong,
  writeOptional,
  writeText
} from './record-codec.js'

/** Why sending to a contact is stopped until its user decides. */
export type IdentityChange = 'device-key' | 'equivocation'

/** How a contact came to be known. */
export type ContactOrigin = 'card' | 'invite' | 'hello'

const ORIGINS = ['card', 'invite', 'hello'] as const
const CHANGES = ['device-key', 'equivocation'] as const

/**
 * The invite of a contact's card, and how many hellos were made with it: all that there may be once its owner has answered. It is kept then,
 * so that a card that is added again does not begin anew.
 */
export interface HeldInvite {
  readonly secret: Uint8Array
  /** Gone once it took part in an exchange. */
  readonly oneTimeKey?: Uint8Array
  /** When the card expires, epoch ms. */
  readonly notAfter: number
  readonly count: number
}

/** A person, as this device knows it. */
export interface ContactRecord extends PublicIdentity {
  readonly id: IdentityId
  /** Given by the user here; empty if none. */
  readonly givenName: string
  /** What the card or profile says; may be empty. */
  readonly profileName: string
  readonly origin: ContactOrigin
  readonly addedAt: number
  /** Whether our user has written to it, or gave or took a card: until then it is a stranger, told and kept as little as possible. */
  readonly accepted: boolean
  readonly verified: boolean
  readonly blocked: boolean
  readonly change?: IdentityChange
  /** The X25519 key seen under the same signing key, until the user decides. */
  readonly changedDhKey?: Uint8Array
  /** The X25519 key it had before the last accepted change. */
  readonly formerDhKey?: Uint8Array
  readonly addresses: readonly string[]
  /** Newest incarnation seen, and the sequence number it was seen with. Empty until then. */
  readonly incarnation: Uint8Array
  readonly seq: number
  /** Newest bundle, encoded. */
  readonly bundle?: Uint8Array
  /** Another bundle with the same sequence number: evidence of a second holder of the key. */
  readonly contradiction?: Uint8Array
  readonly invite?: HeldInvite
  /** Highest generation of any session there was. */
  readonly generation: number
  /** The newest profile taken over: its stream and number, so that an older one that comes late changes nothing. */
  readonly profile?: { readonly stream: Uint8Array; readonly number: number }
  /** What of our profile was last sent: a hash; empty if nothing was. */
  readonly toldProfile: Uint8Array
}

export function writeInvite(writer: Writer, invite: HeldInvite): void {
  writer.bytes(invite.secret)
  writeOptional(writer, invite.oneTimeKey, (key) => writer.bytes(key))
  writer.u64(invite.notAfter).u32(invite.count)
}

export function readInvite(reader: Reader): HeldInvite {
  const secret = reader.bytes(32).slice()
  const oneTimeKey = readOptional(reader, () => reader.bytes(32).slice())
  return { secret, ...optional('oneTimeKey', oneTimeKey), notAfter: reader.u64(), count: reader.u32() }
}

export const contactRecord = recordCodec<ContactRecord>(
  'contact',
  1,
  (writer, contact) => {
    writer.bytes(contact.signingKey).bytes(contact.dhKey)
    writeText(writer, contact.givenName)
    writeText(writer, contact.profileName)
    writer.u8(ORIGINS.indexOf(contact.origin)).u64(contact.addedAt)
    writer
      .u8(contact.accepted ? 1 : 0)
      .u8(contact.verified ? 1 : 0)
      .u8(contact.blocked ? 1 : 0)
    writeOptional(writer, contact.change, (change) => writer.u8(CHANGES.indexOf(change)))
    writeOptional(writer, contact.changedDhKey, (key) => writer.bytes(key))
    writeOptional(writer, contact.formerDhKey, (key) => writer.bytes(key))
    writeList(writer, contact.addresses, (address) => {
      writeText(writer, address)
    })
    writeLong(writer, contact.incarnation)
    writer.u64(contact.seq)
    writeOptional(writer, contact.bundle, (bundle) => {
      writeLong(writer, bundle)
    })
    writeOptional(writer, contact.contradiction, (bundle) => {
      writeLong(writer, bundle)
    })
    writeOptional(writer, contact.invite, (invite) => {
      writeInvite(writer, invite)
    })
    writeLong(writer.u32(contact.generation), contact.toldProfile)
    writeOptional(writer, contact.profile, ({ stream, number }) => {
      writeLong(writer, stream)
      writer.u64(number)
    })
  },
  (reader) => {
    const signingKey = reader.bytes(32).slice()
    const dhKey = reader.bytes(32).slice()
    const givenName = readText(reader)
    const profileName = readText(reader)
    const origin = ORIGINS[reader.u8()] ?? 'card'
    const addedAt = reader.u64()
    const accepted = reader.u8() === 1
    const verified = reader.u8() === 1
    const blocked = reader.u8() === 1
    const change = readOptional(reader, () => CHANGES[reader.u8()] ?? 'device-key')
    const changedDhKey = readOptional(reader, () => reader.bytes(32).slice())
    const formerDhKey = readOptional(reader, () => reader.bytes(32).slice())
    const addresses = readList(reader, () => readText(reader))
    const incarnation = readLong(reader)
    const seq = reader.u64()
    const bundle = readOptional(reader, () => readLong(reader))
    const contradiction = readOptional(reader, () => readLong(reader))
    const invite = readOptional(reader, () => readInvite(reader))
    return {
      id: identityId(signingKey),
      signingKey,
      dhKey,
      givenName,
      profileName,
      origin,
      addedAt,
      accepted,
      verified,
      blocked,
      ...optional('change', change),
      ...optional('changedDhKey', changedDhKey),
      ...optional('formerDhKey', formerDhKey),
      addresses,
      incarnation,
      seq,
      ...optional('bundle', bundle),
      ...optional('contradiction', contradiction),
      ...optional('invite', invite),
      generation: reader.u32(),
      toldProfile: readLong(reader),
      ...optional(
        'profile',
        readOptional(reader, () => ({ stream: readLong(reader), number: reader.u64() }))
      )
    }
  }
)
