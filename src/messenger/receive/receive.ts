import type { IdentityId } from '../../codec/ids.js'
import { openDirect } from '../../protocol/envelope/direct.js'
import type { EnvelopeOutline } from '../../protocol/envelope/envelope.js'
import { releaseTime } from '../../protocol/delivery/purge.js'
import { unpad } from '../../protocol/envelope/padding.js'
import { MAX_SKIPPED_PER_CONTACT } from '../../protocol/limits.js'
import { decodePayload } from '../../protocol/message/payload.js'
import { takePiece } from '../../protocol/post-quantum/carry.js'
import { decryptMessage, decryptSkipped, type Decrypted } from '../../protocol/ratchet/decrypt.js'
import type { RatchetMessage } from '../../protocol/ratchet/encrypt.js'
import type { Session } from '../../protocol/ratchet/session.js'
import { skippedRecord } from '../../storage/records/skipped-record.js'
import { admitPayload, isWelcome } from './admit.js'
import type { Context } from '../context.js'
import type { Unit } from '../unit.js'
import { makeRoom } from './prune.js'
import { findSession, withSession, withUsedInvite, type PeerState } from '../peer-state.js'
import type { Arrival } from '../carry/releases.js'
import { hashOfId, Seen } from './seen.js'
import type { Recognised } from './tag-index.js'

/** An envelope whose tag one of the contact's sessions knows. */
export interface MatchedEnvelope {
  readonly outline: EnvelopeOutline
  readonly id: Uint8Array
  readonly match: Extract<Recognised, { kind: 'expected' | 'skipped' }>
}

/** Decrypt and admit envelopes of one contact in one commit; what does not verify leaves no trace. Resolves with how many did. */
export async function receiveEnvelopes(
  context: Context,
  contactId: IdentityId,
  envelopes: readonly MatchedEnvelope[]
): Promise<number> {
  let count = 0
  await context.queue.run(contactId, async (unit) => {
    const seen = new Map<number, string[]>()
    const arrivals: Arrival[] = []
    for (const { outline, id, match } of envelopes) {
      const { prefix, message } = openDirect(outline)
      const opened = await openMessage(context, unit, match.sessionId, outline.tag, prefix, message)
      if (opened === false) continue
      count++
      const { secret } = opened
      if (secret !== undefined) arrivals.push({ item: { day: outline.expiryDay, id }, secret })
      if (opened.kind === 'receipt') continue
      const hashes = seen.get(outline.expiryDay) ?? []
      seen.set(outline.expiryDay, hashes)
      hashes.push(hashOfId(id))
    }
    for (const [day, hashes] of seen) rememberSeen(context, unit, contactId, hashes, day)
    noteArrivals(context, unit, arrivals)
  })
  return count
}

/** These envelopes are of no use to anybody any more: whoever carries them may learn so, later. */
function noteArrivals(context: Context, unit: Unit, arrivals: readonly Arrival[]): void {
  const now = context.clock.now()
  const released = arrivals.map((arrival) => ({ ...arrival, dueAt: releaseTime(now, context.random) }))
  unit.writes.push(...context.mailbox.releaseWrites(released))
  unit.after(() => {
    context.mailbox.release(released)
  })
}

/** Note envelopes whose sender repeats them until it has a receipt, so that a repeat is answered with one. */
export function rememberSeen(
  context: Context,
  unit: Unit,
  contactId: IdentityId,
  hashes: readonly string[],
  day: number
): void {
  unit.writes.push(Seen.write(context.tables, contactId, hashes, day, context.random))
  unit.after(() => {
    context.seen.add(contactId, hashes)
  })
}

/** What was taken in: a message, which its sender repeats, or a receipt. */
interface Taken {
  readonly kind: 'message' | 'receipt'
  /** The secret of its tag, where it is known. */
  readonly secret: Uint8Array | undefined
}

/**
 * Decrypt one message of a session and admit what it says. `tag` is looked up in the session's state as it is now, not as it was when the
 * envelope was recognised: an earlier one of the same commit may have moved the chains.
 */
export async function openMessage(
  context: Context,
  unit: Unit,
  sessionId: Uint8Array,
  tag: Uint8Array,
  prefix: Uint8Array,
  message: RatchetMessage
): Promise<Taken | false> {
  const { state } = unit
  const session = state === undefined ? undefined : findSession(state, sessionId)
  if (state === undefined || session === undefined) return refuse(context, 'unknown-session')
  if (state.contact.blocked) return refuse(context, 'blocked')
  const opened = await decrypt(context, unit, state, session, tag, prefix, message)
  if (opened === undefined) return refuse(context, 'not-expected')
  const { decrypted, usedKey, secret } = opened
  const decoded = decrypted.kind === 'decrypted' ? readPayload(decrypted.body) : undefined
  // Its key is kept, so that it can be opened when it comes again and is welcome.
  if (decoded?.kind === 'decoded' && !isWelcome(state, decoded.payload)) return refuse(context, 'not-welcome')
  const isKept = decrypted.kind === 'decrypted' && keepSkipped(context, unit, state, decrypted)
  if (decrypted.kind === 'rejected' || !isKept) {
    const reason = decrypted.kind === 'rejected' ? decrypted.reason : 'too-many-skipped'
    // The oldest make room; the message comes again.
    if (reason === 'too-many-skipped')
      unit.after(() => {
        makeRoom(context, state.contact.id)
      })
    return refuse(context, reason)
  }
  if (usedKey !== undefined) {
    unit.delete(usedKey)
    unit.after(() => {
      context.tags.remove(tag)
    })
  }
  const isFirstAnswer = session.opening !== undefined
  const piece = decoded?.kind === 'decoded' ? decoded.payload.piece : undefined
  const taken = takePiece(decrypted.session, piece, context.clock.now(), context.random)
  if (taken.refused !== undefined) refuse(context, taken.refused)
  const joined = withSession(state, taken.session)
  unit.state = isFirstAnswer ? withUsedInvite(joined) : joined
  // Authentic and unusable: its key is spent all the same, or it would be tried for ever.
  if (decoded?.kind !== 'decoded') refuse(context, decoded?.reason ?? 'malformed')
  else await admitPayload(context, unit, decoded.payload)
  const isReceipt = decoded?.kind === 'decoded' && decoded.payload.bodies.length === 0
  return { kind: isReceipt ? 'receipt' : 'message', secret }
}

/** The payload in a decrypted body. */
export function readPayload(body: Uint8Array): ReturnType<typeof decodePayload> | undefined {
  const content = unpad(body)
  return content === undefined ? undefined : decodePayload(content)
}

/** Say why something that arrived is not taken. */
export function refuse(context: Context, reason: string): false {
  context.logger.debug('envelope refused', { reason })
  if (context.events.hears('envelope:reject')) context.events.emit('envelope:reject', { reason })
  return false
}

interface Opened {
  readonly decrypted: ReturnType<typeof decryptMessage>
  /** Where the skipped key lies that opened it. */
  readonly usedKey?: string
  readonly secret: Taken['secret']
}

async function decrypt(
  context: Context,
  unit: Unit,
  state: PeerState,
  session: Session,
  tag: Uint8Array,
  prefix: Uint8Array,
  message: RatchetMessage
): Promise<Opened | undefined> {
  const found = context.tags.find(tag, state.contact.id)
  if (found?.kind === 'expected') {
    const { tagKey, number, secret } = found
    if (tagKey === session.receiving?.headerKeys.tag && number >= session.receiving.next) {
      return { decrypted: decryptMessage(session, { chain: 'current', number }, prefix, message), secret }
    }
    if (tagKey === session.nextReceivingHeaderKeys.tag) {
      return { decrypted: decryptMessage(session, { chain: 'next', number }, prefix, message), secret }
    }
  }
  const key = context.tables.skipped(state.contact.id, session.id, tag)
  const record = await unit.get(key)
  if (record === undefined) return undefined
  const { key: messageKey, secret } = skippedRecord.decode(record)
  return { decrypted: decryptSkipped(session, messageKey, prefix, message), usedKey: key, secret }
}

/** Store the keys passed over, unless the contact has too many already. */
function keepSkipped(context: Context, unit: Unit, state: PeerState, decrypted: Decrypted): boolean {
  const { id } = state.contact
  const total = state.sessions.reduce((sum, { skippedCount }) => sum + skippedCount, decrypted.skipped.length)
  if (decrypted.skipped.length > 0 && total > MAX_SKIPPED_PER_CONTACT) return false
  const keptAt = context.clock.now()
  for (const { tag, key } of decrypted.skipped) {
    const found = context.tags.find(tag, id)
    const secret = found?.kind === 'expected' ? found.secret : undefined
    const record = { key, keptAt, ...(secret === undefined ? {} : { secret }) }
    unit.put(context.tables.skipped(id, decrypted.session.id, tag), skippedRecord.encode(record))
    unit.after(() => {
      context.tags.addSkipped(id, decrypted.session.id, tag)
    })
  }
  return true
}
