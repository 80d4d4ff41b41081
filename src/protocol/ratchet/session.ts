import type { DhKeyPair } from '../../crypto/dh.js'
import type { EpochKey } from '../post-quantum/epoch.js'
import { countMessage, type PqRatchet } from '../post-quantum/pq-ratchet.js'
import type { HeaderKeys } from './kdf.js'

/** Bytes of a session id. */
export const SESSION_ID_BYTES = 32

/** A chain of message keys in one direction (Double Ratchet §2.2), with the keys of its headers (§4). */
export interface Chain {
  readonly chainKey: Uint8Array
  readonly headerKeys: HeaderKeys
  /** Number of the next message. */
  readonly next: number
  /** The post-quantum key mixed into each of its message keys; none in chains of epoch 0. */
  readonly pq?: EpochKey
}

export interface ReceivingChain extends Chain {
  /** How many messages ahead of `next` are recognised. */
  readonly window: number
}

/** What an initiator repeats in every hello until the first reply. */
export interface HelloOpening {
  /** X25519 ephemeral public key. */
  readonly ephemeralKey: Uint8Array
  /** ML-KEM-768 ciphertext. */
  readonly kemCiphertext: Uint8Array
  readonly kemPrekeyId: Uint8Array
  readonly epoch: number
  /** The recipient's signed prekey of that epoch: the hello's outer seal is made to it. */
  readonly signedPrekey: Uint8Array
  readonly bundleHash: Uint8Array
  /** The card's invite secret; none in the open lane. */
  readonly invite?: Uint8Array
  /** Whether the invite's one-time key took part in the exchange. */
  readonly oneTime: boolean
  /** Hellos made so far, over all sessions of the invite: numbers the next tag. */
  readonly count: number
  /** The first number of this session's hellos. */
  readonly firstCount: number
}

/** One pairwise session: plain data, replaced as a whole by every step. */
export interface Session {
  readonly id: Uint8Array
  /** Binds every message to both identities, the KEM key and the bundle of the handshake. */
  readonly associatedData: Uint8Array
  /** Sessions of a pair are numbered; the highest is used for sending. */
  readonly generation: number
  readonly createdAt: number
  readonly ownIncarnation: Uint8Array
  readonly theirIncarnation: Uint8Array
  readonly rootKey: Uint8Array
  readonly ownRatchetKey: DhKeyPair
  /** Absent at a recipient that has not decrypted anything yet. */
  readonly theirRatchetKey?: Uint8Array
  /** Absent when the next message to send begins a new chain. */
  readonly sending?: Chain
  /** Messages in the sending chain before that (PN). */
  readonly previousCount: number
  readonly nextSendingHeaderKeys: HeaderKeys
  readonly receiving?: ReceivingChain
  readonly nextReceivingHeaderKeys: HeaderKeys
  /** Skipped message keys kept for this session. */
  readonly skippedCount: number
  /** Present at an initiator until the first reply. */
  readonly opening?: HelloOpening
  /** The hello was made to a bundle past its life: text waits for the reply. */
  readonly stale: boolean
  /** The post-quantum ratchet, if both sides announced it. */
  readonly pq?: PqRatchet
}

/** A message key whose message has not arrived, kept under the message's tag. */
export interface SkippedKey {
  readonly tag: Uint8Array
  readonly key: Uint8Array
}

/** A session in the making. */
export type SessionDraft = { -readonly [Name in keyof Session]: Session[Name] }

/**
 * A copy in which one more message is counted, to be changed further. Field by field: what is spread from something spread has another shape every time, and
 * V8 soon copies that in its slowest way.
 */
export function afterMessage(session: Session): SessionDraft {
  const after: SessionDraft = {
    id: session.id,
    associatedData: session.associatedData,
    generation: session.generation,
    createdAt: session.createdAt,
    ownIncarnation: session.ownIncarnation,
    theirIncarnation: session.theirIncarnation,
    rootKey: session.rootKey,
    ownRatchetKey: session.ownRatchetKey,
    previousCount: session.previousCount,
    nextSendingHeaderKeys: session.nextSendingHeaderKeys,
    nextReceivingHeaderKeys: session.nextReceivingHeaderKeys,
    skippedCount: session.skippedCount,
    stale: session.stale
  }
  const { theirRatchetKey, sending, receiving, opening, pq } = session
  if (theirRatchetKey !== undefined) after.theirRatchetKey = theirRatchetKey
  if (sending !== undefined) after.sending = sending
  if (receiving !== undefined) after.receiving = receiving
  if (opening !== undefined) after.opening = opening
  if (pq !== undefined) after.pq = countMessage(pq)
  return after
}
