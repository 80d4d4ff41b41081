import { NONCE_BYTES, seal } from '../../crypto/aead.js'
import { diffieHellman, generateDhKeyPair } from '../../crypto/dh.js'
import type { RandomSource } from '../../crypto/random.js'
import { PREFIX_BYTES } from '../envelope/envelope.js'
import { encodeHeader, SEALED_HEADER_BYTES } from './header.js'
import { chainTag, messageKey, nextChainKey, rootStep } from './kdf.js'
import { afterMessage, type Chain, type Session } from './session.js'

/** A message ready to be sealed: its tag is known, so the envelope's prefix can be written and bound. */
export interface PreparedMessage {
  readonly session: Session
  readonly tag: Uint8Array
  readonly header: Uint8Array
  readonly headerKey: Uint8Array
  readonly messageKey: Uint8Array
}

/** An encrypted message: what follows the tag in an envelope. */
export interface RatchetMessage {
  readonly nonce: Uint8Array
  readonly sealedHeader: Uint8Array
  readonly sealedBody: Uint8Array
}

type SendingSession = Session & { readonly sending: Chain }

function hasChain(session: Session): session is SendingSession {
  return session.sending !== undefined
}

/** Begin a new sending chain: the half of the DH ratchet that belongs to the sender, done when it first sends (§3.4). */
function startChain(session: Session, random: RandomSource): SendingSession {
  if (hasChain(session)) return session
  if (session.theirRatchetKey === undefined) throw new RangeError('A recipient has decrypted before it sends')
  const ownRatchetKey = generateDhKeyPair(random)
  const shared = diffieHellman(ownRatchetKey.secretKey, session.theirRatchetKey)
  // Their key took part in a Diffie-Hellman when it arrived, so it is no low-order point.
  if (shared === undefined) throw new RangeError('A session holds a valid ratchet key')
  const step = rootStep(session.rootKey, shared)
  return {
    ...session,
    ownRatchetKey,
    rootKey: step.rootKey,
    sending: {
      chainKey: step.chainKey,
      headerKeys: session.nextSendingHeaderKeys,
      next: 0,
      // For the whole chain: its skipped keys need not know the epoch.
      ...(session.pq?.agreed === undefined ? {} : { pq: session.pq.agreed })
    },
    nextSendingHeaderKeys: step.nextHeaderKeys
  }
}

function advance({ chainKey, headerKeys, next, pq }: Chain): Chain {
  const advanced = { chainKey: nextChainKey(chainKey), headerKeys, next: next + 1 }
  return pq === undefined ? advanced : { ...advanced, pq }
}

/** Advance the sending chain by one message. The returned session must be committed before anything sealed with it leaves. */
export function prepareMessage(session: Session, random: RandomSource): PreparedMessage {
  const started = startChain(session, random)
  const { sending } = started
  const next = afterMessage(started)
  next.sending = advance(sending)
  return {
    session: next,
    tag: chainTag(sending.headerKeys.tag, sending.next),
    header: encodeHeader({
      ratchetKey: started.ownRatchetKey.publicKey,
      previousCount: started.previousCount,
      number: sending.next,
      pqEpoch: sending.pq?.epoch ?? 0
    }),
    headerKey: sending.headerKeys.header,
    messageKey: messageKey(sending.chainKey, started.id, sending.pq?.key)
  }
}

/** Bytes of what binds a message to its handshake. */
const HANDSHAKE_BYTES = 32

/** Where that is put together, for it is used at once, is no secret, and memory of its own would cost as much as a hash. */
const boundBytes = new Uint8Array(PREFIX_BYTES + SEALED_HEADER_BYTES + HANDSHAKE_BYTES)

/** What the body's seal binds besides its key: the envelope's prefix, the sealed header, the handshake. Good until the next call. */
export function bodyAssociatedData(
  prefix: Uint8Array,
  sealedHeader: Uint8Array,
  handshake: Uint8Array
): Uint8Array {
  const end = prefix.length + sealedHeader.length
  const bound =
    end + handshake.length === boundBytes.length ? boundBytes : new Uint8Array(end + handshake.length)
  bound.set(prefix)
  bound.set(sealedHeader, prefix.length)
  bound.set(handshake, end)
  return bound
}

/**
 * Seal header and body under one random nonce and two keys. Keys are used once; the nonce is random all the same, so that a cloned or
 * rolled-back store repeats a key at worst, never a key and a nonce. The sealed body has `headroom` zeros before it, as of `seal`. Throws
 * `RangeError` for a message sealed before: its key is wiped.
 */
export function sealMessage(
  prepared: PreparedMessage,
  prefix: Uint8Array,
  body: Uint8Array,
  random: RandomSource,
  headroom = 0
): RatchetMessage {
  if (prepared.messageKey.every((byte) => byte === 0))
    throw new RangeError('A prepared message is sealed once')
  const nonce = random(NONCE_BYTES)
  const sealedHeader = seal(prepared.headerKey, nonce, prepared.header, prefix)
  const associatedData = bodyAssociatedData(prefix, sealedHeader, prepared.session.associatedData)
  const sealedBody = seal(prepared.messageKey, nonce, body, associatedData, headroom)
  // Its bytes are all there is of it: backends keep nothing of keys that seal.
  prepared.messageKey.fill(0)
  return { nonce, sealedHeader, sealedBody }
}
