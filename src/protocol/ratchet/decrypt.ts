import { open } from '../../crypto/aead.js'
import { diffieHellman } from '../../crypto/dh.js'
import { compareBytes } from '../compare-bytes.js'
import { MAX_SKIPPED_PER_SESSION, MAX_TAG_WINDOW, NEXT_TAG_WINDOW, TAG_WINDOW } from '../limits.js'
import { confirmEpoch, epochKeyOf } from '../post-quantum/pq-ratchet.js'
import { reject, type Rejected } from '../rejection.js'
import { bodyAssociatedData, type RatchetMessage } from './encrypt.js'
import { decodeHeader, type MessageHeader } from './header.js'
import { chainTags, messageKey, nextChainKey, rootStep } from './kdf.js'
import { afterMessage, type Chain, type ReceivingChain, type Session, type SkippedKey } from './session.js'

/** What a tag says: this message of the current or of the next receiving chain. */
export interface ExpectedMessage {
  readonly chain: 'current' | 'next'
  readonly number: number
}

export type DecryptRejection = Rejected<
  'bad-header' | 'bad-body' | 'too-far-ahead' | 'too-many-skipped' | 'bad-ratchet-key' | 'bad-pq-epoch'
>

export interface Decrypted {
  readonly kind: 'decrypted'
  readonly session: Session
  readonly body: Uint8Array
  /** Keys of messages that have not arrived yet, to be stored with the session in one commit. */
  readonly skipped: readonly SkippedKey[]
}

/**
 * Decrypt a message whose tag was expected (Double Ratchet §4.4). Nothing is changed unless header and body verify: the caller keeps the
 * session it has until it has committed the one returned.
 */
export function decryptMessage(
  session: Session,
  expected: ExpectedMessage,
  prefix: Uint8Array,
  message: RatchetMessage
): Decrypted | DecryptRejection {
  const keys = expected.chain === 'current' ? session.receiving?.headerKeys : session.nextReceivingHeaderKeys
  const bytes =
    keys === undefined ? undefined : open(keys.header, message.nonce, message.sealedHeader, prefix)
  const header = bytes === undefined ? undefined : decodeHeader(bytes)
  if (header?.number !== expected.number) return reject('bad-header')
  const stepped = expected.chain === 'current' ? sameChain(session, header) : stepRatchet(session, header)
  if (stepped.kind === 'rejected') return stepped
  return openBody(stepped, header, prefix, message)
}

/** Decrypt a late message with its stored key. The caller deletes the key in the commit that stores the message. */
export function decryptSkipped(
  session: Session,
  key: Uint8Array,
  prefix: Uint8Array,
  message: RatchetMessage
): Decrypted | DecryptRejection {
  const associatedData = bodyAssociatedData(prefix, message.sealedHeader, session.associatedData)
  const body = open(key, message.nonce, message.sealedBody, associatedData)
  if (body === undefined) return reject('bad-body')
  const next = afterMessage(session)
  next.skippedCount = Math.max(0, session.skippedCount - 1)
  return { kind: 'decrypted', session: next, body, skipped: [] }
}

interface Stepped {
  readonly kind: 'stepped'
  readonly session: Session
  readonly chain: ReceivingChain
  readonly skipped: readonly SkippedKey[]
}

function sameChain(session: Session, header: MessageHeader): Stepped | DecryptRejection {
  const { receiving, theirRatchetKey } = session
  if (receiving === undefined || theirRatchetKey === undefined) return reject('bad-header')
  if (compareBytes(header.ratchetKey, theirRatchetKey) !== 0 || header.number < receiving.next)
    return reject('bad-header')
  if (header.pqEpoch !== epochOf(receiving)) return reject('bad-pq-epoch')
  return { kind: 'stepped', session, chain: receiving, skipped: [] }
}

function epochOf(chain: Chain | undefined): number {
  return chain?.pq?.epoch ?? 0
}

type ChainEpoch = { readonly kind: 'epoch'; readonly chain: Pick<Chain, 'pq'> } | Rejected<'bad-pq-epoch'>

/**
 * The post-quantum key of a chain that answers our last one. It has no older epoch than that, nor than the chain before it: who knows the state
 * of an earlier moment could else begin a chain with the key it has.
 */
function chainEpoch({ receiving, sending, pq }: Session, epoch: number): ChainEpoch {
  if (epoch < Math.max(epochOf(receiving), epochOf(sending))) return reject('bad-pq-epoch')
  if (epoch === 0) return { kind: 'epoch', chain: {} }
  const known = [receiving?.pq, sending?.pq, pq === undefined ? undefined : epochKeyOf(pq, epoch)]
  const key = known.find((candidate) => candidate?.epoch === epoch)
  return key === undefined ? reject('bad-pq-epoch') : { kind: 'epoch', chain: { pq: key } }
}

/** The receiver's half of the DH ratchet; ours follows when we next send. */
function stepRatchet(session: Session, header: MessageHeader): Stepped | DecryptRejection {
  const epoch = chainEpoch(session, header.pqEpoch)
  if (epoch.kind === 'rejected') return epoch
  // Before the Diffie-Hellman, which costs more than all else that such a header can cause.
  const refused = session.receiving && refuseGap(session, header.previousCount - session.receiving.next)
  if (refused !== undefined) return refused
  const shared = diffieHellman(session.ownRatchetKey.secretKey, header.ratchetKey)
  if (shared === undefined) return reject('bad-ratchet-key')
  const rest =
    session.receiving === undefined ? undefined : skipTo(session, session.receiving, header.previousCount)
  if (rest?.kind === 'rejected') return rest
  const step = rootStep(session.rootKey, shared)
  const { sending, ...withoutSending } = session
  return {
    kind: 'stepped',
    session: {
      ...withoutSending,
      rootKey: step.rootKey,
      theirRatchetKey: header.ratchetKey,
      previousCount: sending?.next ?? session.previousCount,
      nextReceivingHeaderKeys: step.nextHeaderKeys,
      ...(session.pq === undefined ? {} : { pq: confirmEpoch(session.pq, header.pqEpoch) })
    },
    chain: {
      chainKey: step.chainKey,
      headerKeys: session.nextReceivingHeaderKeys,
      next: 0,
      window: NEXT_TAG_WINDOW,
      ...epoch.chain
    },
    skipped: rest?.skipped ?? []
  }
}

interface SkippedChain {
  readonly kind: 'skipped'
  readonly chain: ReceivingChain
  readonly skipped: readonly SkippedKey[]
}

function refuseGap(session: Session, gap: number): DecryptRejection | undefined {
  if (gap > MAX_TAG_WINDOW) return reject('too-far-ahead')
  return gap > 0 && session.skippedCount + gap > MAX_SKIPPED_PER_SESSION
    ? reject('too-many-skipped')
    : undefined
}

/** Advance a chain to message `number`, keeping the keys passed over. */
function skipTo(session: Session, chain: ReceivingChain, number: number): SkippedChain | DecryptRejection {
  const gap = number - chain.next
  if (gap <= 0) return { kind: 'skipped', chain, skipped: [] }
  const refused = refuseGap(session, gap)
  if (refused !== undefined) return refused
  const skipped: SkippedKey[] = []
  let { chainKey } = chain
  for (const tag of chainTags(chain.headerKeys.tag, chain.next, number)) {
    skipped.push({ tag, key: messageKey(chainKey, session.id, chain.pq?.key) })
    chainKey = nextChainKey(chainKey)
  }
  return { kind: 'skipped', chain: { ...chain, chainKey, next: number }, skipped }
}

/** Doubled when its upper half is hit, so that a burst with losses stays in sight; and once as a chain grows long. */
function widen(window: number, ahead: number, number: number): number {
  if (ahead >= window / 2) return Math.min(window * 2, MAX_TAG_WINDOW)
  return window < TAG_WINDOW && number >= window / 2 ? window * 2 : window
}

function withSkipped(session: Session, count: number): Session {
  return count === 0 ? session : { ...session, skippedCount: session.skippedCount + count }
}

function advance({ chainKey, headerKeys, next, pq }: ReceivingChain, window: number): ReceivingChain {
  const advanced = { chainKey: nextChainKey(chainKey), headerKeys, next: next + 1, window }
  return pq === undefined ? advanced : { ...advanced, pq }
}

function openBody(
  stepped: Stepped,
  header: MessageHeader,
  prefix: Uint8Array,
  message: RatchetMessage
): Decrypted | DecryptRejection {
  const kept = withSkipped(stepped.session, stepped.skipped.length)
  const passed = skipTo(kept, stepped.chain, header.number)
  if (passed.kind === 'rejected') return passed
  const { chain } = passed
  const associatedData = bodyAssociatedData(prefix, message.sealedHeader, kept.associatedData)
  const key = messageKey(chain.chainKey, kept.id, chain.pq?.key)
  const body = open(key, message.nonce, message.sealedBody, associatedData)
  if (body === undefined) return reject('bad-body')
  const next = afterMessage(answered(kept))
  next.receiving = advance(chain, widen(chain.window, header.number - stepped.chain.next, header.number))
  next.skippedCount += passed.skipped.length
  next.stale = false
  return {
    kind: 'decrypted',
    session: next,
    body,
    skipped: [...stepped.skipped, ...passed.skipped]
  }
}

/** The session without what an initiator repeats until it is answered. */
function answered(session: Session): Session {
  if (session.opening === undefined) return session
  const { opening: _answered, ...rest } = session
  return rest
}
