import { Reader } from '../../codec/reader.js'
import { Writer } from '../../codec/writer.js'
import { NONCE_BYTES, open, seal } from '../../crypto/aead.js'
import { diffieHellman, generateDhKeyPair } from '../../crypto/dh.js'
import { hmacSha256, sha256 } from '../../crypto/hash.js'
import { hkdf } from '../../crypto/kdf.js'
import type { RandomSource } from '../../crypto/random.js'
import { equalBytes, wipe } from '../../crypto/wipe.js'
import {
  encodePrefix,
  envelopeSize,
  LANE_OPEN,
  LANE_TAGGED,
  PREFIX_BYTES,
  TAG_BYTES,
  type EnvelopeOutline
} from '../envelope/envelope.js'
import { pad, unpad } from '../envelope/padding.js'
import { label } from '../labels.js'
import type { Prekeys, SignedPrekey } from '../prekeys/prekeys.js'
import { findSignedPrekeys } from '../prekeys/prekeys.js'
import { reject, type Rejected } from '../rejection.js'
import { decodeHelloContent, HELLO_FRAME_BYTES, ROUTE_BYTES, type HelloContent } from './hello-layout.js'
import { inviteMask, inviteTag, INVITE_BYTES } from './invite.js'
import { isProof, PROOF_BYTES } from './proof-of-work.js'

const NO_INVITE = new Uint8Array(INVITE_BYTES)

/** To whom a hello is sealed. */
export interface HelloRoute {
  readonly epoch: number
  /** The recipient's signed prekey of that epoch. */
  readonly signedPrekey: Uint8Array
  /** The invite and the number of the hello made with it; absent in the open lane. */
  readonly invite?: { readonly secret: Uint8Array; readonly count: number }
}

/** k = HKDF(X25519(EK′, SPK) ‖ INV or zeros, "hello/key" ‖ EK′). */
function outerKey(shared: Uint8Array, invite: Uint8Array | undefined, ephemeralKey: Uint8Array): Uint8Array {
  const input = new Writer(64)
    .bytes(shared)
    .bytes(invite ?? NO_INVITE)
    .finish()
  const context = new Writer(64).bytes(label('hello/key')).bytes(ephemeralKey).finish()
  const key = hkdf(input, new Uint8Array(32), context, 32)
  wipe(input)
  return key
}

function openLaneTag(shared: Uint8Array, ephemeralKey: Uint8Array): Uint8Array {
  return hmacSha256(shared, label('hello/view'), ephemeralKey).slice(0, TAG_BYTES)
}

function xor(bytes: Uint8Array, mask: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => byte ^ (mask[index] ?? 0))
}

/** A sealed hello; in the open lane its proof of work is still missing. */
export type SealedHello =
  | { readonly kind: 'sealed'; readonly envelope: Uint8Array }
  | { readonly kind: 'unpaid'; readonly envelope: Uint8Array; readonly challenge: Uint8Array }
  | Rejected<'too-large' | 'bad-key'>

/**
 * Seal a hello's content once more, to the recipient's signed prekey and with a fresh ephemeral key each time, so that no observer learns
 * who writes and repeated hellos cannot be linked.
 */
export function sealHello(
  content: Uint8Array,
  route: HelloRoute,
  expiryDay: number,
  random: RandomSource
): SealedHello {
  const ephemeral = generateDhKeyPair(random)
  const shared = diffieHellman(ephemeral.secretKey, route.signedPrekey)
  wipe(ephemeral.secretKey)
  if (shared === undefined) return reject('bad-key')
  const { invite } = route
  const frame = invite === undefined ? HELLO_FRAME_BYTES.open : HELLO_FRAME_BYTES.invited
  const size = envelopeSize(frame + content.length + 1)
  if (size === undefined) return reject('too-large')
  const tag =
    invite === undefined ? openLaneTag(shared, ephemeral.publicKey) : inviteTag(invite.secret, invite.count)
  const prefix = encodePrefix(invite === undefined ? LANE_OPEN : LANE_TAGGED, expiryDay, tag)
  const plainRoute = new Writer(ROUTE_BYTES).u32(route.epoch).bytes(ephemeral.publicKey).finish()
  const sentRoute =
    invite === undefined ? plainRoute : xor(plainRoute, inviteMask(invite.secret, invite.count, ROUTE_BYTES))
  const nonce = random(NONCE_BYTES)
  const bound = new Writer(PREFIX_BYTES + ROUTE_BYTES).bytes(prefix).bytes(sentRoute).finish()
  const sealed = seal(
    outerKey(shared, invite?.secret, ephemeral.publicKey),
    nonce,
    pad(content, size - frame),
    bound
  )
  wipe(shared)
  const writer = new Writer(size).bytes(bound)
  if (invite === undefined) writer.bytes(new Uint8Array(PROOF_BYTES))
  const envelope = writer.bytes(nonce).bytes(sealed).finish()
  return invite === undefined
    ? { kind: 'unpaid', envelope, challenge: helloChallenge(envelope) }
    : { kind: 'sealed', envelope }
}

const PROOF_OFFSET = PREFIX_BYTES + ROUTE_BYTES

/** SHA-256 of an open hello without its proof. */
export function helloChallenge(envelope: Uint8Array): Uint8Array {
  return sha256(envelope.subarray(0, PROOF_OFFSET), envelope.subarray(PROOF_OFFSET + PROOF_BYTES))
}

/** The open hello with its proof of work in place. */
export function payHello(envelope: Uint8Array, proof: Uint8Array): Uint8Array {
  const paid = envelope.slice()
  paid.set(proof, PROOF_OFFSET)
  return paid
}

/** Whether an open hello is paid for; two hashes, no key needed. */
export function isPaid(envelope: Uint8Array): boolean {
  return isProof(helloChallenge(envelope), envelope.subarray(PROOF_OFFSET, PROOF_OFFSET + PROOF_BYTES))
}

export type OpenedHello =
  | { readonly kind: 'opened'; readonly content: HelloContent; readonly signedPrekey: SignedPrekey }
  | Rejected<'unpaid' | 'not-for-us' | 'unknown-epoch' | 'bad-seal' | 'bad-content'>

/** Open a hello of the invited lane, recognised by its tag as number `count` of the invite with this secret. */
export function openInvitedHello(
  outline: EnvelopeOutline,
  secret: Uint8Array,
  count: number,
  prekeys: Prekeys
): OpenedHello {
  const sentRoute = outline.bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + ROUTE_BYTES)
  return openAt(outline, xor(sentRoute, inviteMask(secret, count, ROUTE_BYTES)), secret, prekeys)
}

/** Open a hello of the open lane, if it is paid for and ours: one Diffie-Hellman tells. */
export function openOpenHello(outline: EnvelopeOutline, prekeys: Prekeys): OpenedHello {
  if (!isPaid(outline.bytes)) return reject('unpaid')
  const sentRoute = outline.bytes.subarray(PREFIX_BYTES, PREFIX_BYTES + ROUTE_BYTES)
  return openAt(outline, sentRoute, undefined, prekeys)
}

function openAt(
  outline: EnvelopeOutline,
  route: Uint8Array,
  invite: Uint8Array | undefined,
  prekeys: Prekeys
): OpenedHello {
  const reader = new Reader(route)
  const epoch = reader.u32()
  const ephemeralKey = reader.bytes(32)
  let opened: OpenedHello = reject('unknown-epoch')
  for (const signedPrekey of findSignedPrekeys(prekeys, epoch)) {
    opened = openWith(signedPrekey, outline, ephemeralKey, invite)
    if (opened.kind === 'opened') break
  }
  return opened
}

function openWith(
  signedPrekey: SignedPrekey,
  outline: EnvelopeOutline,
  ephemeralKey: Uint8Array,
  invite: Uint8Array | undefined
): OpenedHello {
  const shared = diffieHellman(signedPrekey.secretKey, ephemeralKey)
  if (shared === undefined) return reject('not-for-us')
  if (invite === undefined && !equalBytes(openLaneTag(shared, ephemeralKey), outline.tag))
    return reject('not-for-us')
  const nonceOffset = invite === undefined ? PROOF_OFFSET + PROOF_BYTES : PROOF_OFFSET
  const nonce = outline.bytes.subarray(nonceOffset, nonceOffset + NONCE_BYTES)
  const sealed = outline.bytes.subarray(nonceOffset + NONCE_BYTES)
  const padded = open(
    outerKey(shared, invite, ephemeralKey),
    nonce,
    sealed,
    outline.bytes.subarray(0, PROOF_OFFSET)
  )
  if (padded === undefined) return reject('bad-seal')
  const plain = unpad(padded)
  const content = plain === undefined ? undefined : decodeHelloContent(plain)
  return content === undefined ? reject('bad-content') : { kind: 'opened', content, signedPrekey }
}
