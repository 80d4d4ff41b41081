import { Writer } from '../../codec/writer.js'
import type { DhKeyPair } from '../../crypto/dh.js'
import { hmacSha256, hmacSha512 } from '../../crypto/hash.js'
import { TAG_BYTES } from '../envelope/envelope.js'
import { label } from '../labels.js'
import { MAX_INVITED_HELLOS } from '../limits.js'

/** Bytes of an invite's secret. */
export const INVITE_BYTES = 32

/** A single-use card handed out and its private half, as the owner keeps it. */
export interface Invite {
  readonly secret: Uint8Array
  /** Gone once it was used, so that a thief cannot open the first message. */
  readonly oneTimeKey?: DhKeyPair
  /** Epoch ms. */
  readonly notAfter: number
  /** The signing key of who used it; further hellos are taken from that identity only. */
  readonly usedBy?: Uint8Array
}

function counter(value: number): Uint8Array {
  return new Writer(4).u32(value).finish()
}

/** The tag of the `count`-th hello made with an invite: HMAC(INV, "invite/tag" ‖ count). */
export function inviteTag(secret: Uint8Array, count: number): Uint8Array {
  return hmacSha256(secret, label('invite/tag'), counter(count)).slice(0, TAG_BYTES)
}

/**
 * What hides epoch and ephemeral key of an invited hello: HMAC-SHA512(INV, "invite/mask" ‖ count), so that after the tag there
 * are only bytes that look random. (An X25519 key in plain does not: its top bit is 0 and half of all strings are no such key.)
 */
export function inviteMask(secret: Uint8Array, count: number, length: number): Uint8Array {
  return hmacSha512(secret, label('invite/mask'), counter(count)).slice(0, length)
}

/** All tags under which hellos of an invite may arrive. */
export function inviteTags(secret: Uint8Array): Uint8Array[] {
  return Array.from({ length: MAX_INVITED_HELLOS }, (_, count) => inviteTag(secret, count))
}
