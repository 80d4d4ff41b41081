import type { Context } from '../context.js'
import { pause } from '../turns.js'
import type { Unit } from '../unit.js'
import { spent, withContact, withConversation, withSession, type PeerState } from '../peer-state.js'
import { isCardExpired } from '../../protocol/identity/card.js'
import { encodeCertificate } from '../../protocol/identity/certificate.js'
import { compareBytes } from '../../protocol/compare-bytes.js'
import { sealDirect } from '../../protocol/envelope/direct.js'
import { initiateSession } from '../../protocol/handshake/pqxdh.js'
import { payHello, type SealedHello } from '../../protocol/handshake/hello.js'
import { searchProof } from '../../protocol/handshake/proof-of-work.js'
import { sealInHello, shouldSayHello } from '../../protocol/handshake/say-hello.js'
import { flattenRanges } from '../../protocol/delivery/ranges.js'
import {
  HANDSHAKE_LIFETIME,
  MAX_CONTENT_BYTES,
  DAY_MS,
  MAX_INVITED_HELLOS,
  MAX_LIFETIME_DAYS,
  MAX_RECEIPT_RANGES,
  MAX_SESSIONS_PER_CONTACT,
  NEXT_TAG_WINDOW,
  PREKEY_RETENTION
} from '../../protocol/limits.js'
import { encodePayload, type Receipt } from '../../protocol/message/payload.js'
import { carryPiece } from '../../protocol/post-quantum/carry.js'
import { choosePrekey, isBundleExpired, parseBundle, type Bundle } from '../../protocol/prekeys/bundle.js'
import { kemPrekeyId } from '../../protocol/prekeys/prekeys.js'
import type { Session } from '../../protocol/ratchet/session.js'
import { chooseSession, nextGeneration } from '../../protocol/sessions/choose.js'
import type { HeldInvite } from '../../storage/records/contact-record.js'
import type { ConversationRecord } from '../../storage/records/conversation-record.js'
import { resealSoon } from './reseal.js'

/** Hashes tried before the event loop gets a turn: 3 to 10 ms. */
const PROOF_SLICE = 15_000

/** Bytes of a body besides its content: stream, number, clock, times, parents. */
const BODY_OVERHEAD = 320

/** What the other side is owed: everything committed of its streams. */
export function receiptsOf(conversation: ConversationRecord): Receipt[] {
  return conversation.streams.map(({ stream, received, read, latest }) => ({
    stream,
    delivered: flattenRanges(received, MAX_RECEIPT_RANGES),
    read: flattenRanges(read, MAX_RECEIPT_RANGES),
    ...(latest === undefined ? {} : { latest })
  }))
}

/** The contact's bundle if there is one that its owner may still have the private keys of. */
export function usableBundle(state: PeerState, now: number): Bundle | undefined {
  if (state.contact.bundle === undefined) return undefined
  const decoded = parseBundle(state.contact.bundle)
  if (decoded.kind === 'rejected') return undefined
  const { bundle } = decoded
  // A bundle from before its owner lost its state names prekeys nobody has.
  const isOutlived =
    bundle.seq < state.contact.seq && compareBytes(bundle.incarnation, state.contact.incarnation) !== 0
  // Its hello must arrive before the last private prekey goes.
  const isAnswerable = now <= bundle.notAfter + PREKEY_RETENTION - MAX_LIFETIME_DAYS * DAY_MS
  return !isOutlived && isAnswerable ? bundle : undefined
}

function hasFreshBundle(state: PeerState, now: number): boolean {
  const bundle = usableBundle(state, now)
  return bundle !== undefined && !isBundleExpired(bundle, now)
}

/** The session messages are sent on, if one exists and has not been waiting for an answer too long. */
export function sendingSession(context: Context, state: PeerState, now: number): Session | undefined {
  const { record, renewal } = context.own
  if (renewal !== undefined) return undefined
  const { incarnation } = record.identity
  const session = chooseSession(state.sessions, incarnation, state.contact.incarnation)
  const unanswered = session?.opening !== undefined && now > session.createdAt + HANDSHAKE_LIFETIME
  return unanswered ? undefined : session
}

/** The invite of the contact's card, while its owner knows it and its tags are not used up; then hellos take the open lane. */
export function usableInvite({ contact }: PeerState, now: number): HeldInvite | undefined {
  const { invite } = contact
  return invite !== undefined && invite.count < MAX_INVITED_HELLOS && !isCardExpired(invite.notAfter, now)
    ? invite
    : undefined
}

/** Begin a session with the contact's bundle; nothing happens without one. */
function beginSession(context: Context, state: PeerState, now: number): PeerState {
  const bundle = usableBundle(state, now)
  if (bundle === undefined || context.own.renewal !== undefined) return state
  const invite = usableInvite(state, now)
  const { epoch, key } = choosePrekey(bundle, now)
  const generation = nextGeneration([...state.sessions, state.contact])
  const initiated = initiateSession(
    {
      own: context.own.record.identity,
      bundle,
      signedPrekey: key,
      ...(invite?.oneTimeKey === undefined ? {} : { oneTimeKey: invite.oneTimeKey }),
      generation,
      now
    },
    context.random
  )
  if (initiated.kind === 'rejected') return state
  const session: Session = {
    ...initiated.session,
    stale: isBundleExpired(bundle, now),
    opening: {
      ...initiated.exchange,
      kemPrekeyId: kemPrekeyId(bundle.kemPrekey),
      epoch,
      signedPrekey: key,
      bundleHash: bundle.hash,
      ...(invite === undefined ? {} : { invite: invite.secret }),
      oneTime: invite?.oneTimeKey !== undefined,
      count: invite?.count ?? 0,
      firstCount: invite?.count ?? 0
    }
  }
  const begun = withContact(state, {
    generation,
    incarnation: bundle.incarnation,
    ...(invite === undefined ? {} : { invite: spent(invite) })
  })
  return withSession(begun, session)
}

/** The oldest sessions make room; the one in use stays. */
export function trimSessions(state: PeerState, inUse: Session | undefined): PeerState {
  if (state.sessions.length <= MAX_SESSIONS_PER_CONTACT) return state
  const oldest = state.sessions
    .filter((session) => session !== inUse)
    .toSorted((one, other) => one.createdAt - other.createdAt)
    .slice(0, state.sessions.length - MAX_SESSIONS_PER_CONTACT)
  return { ...state, sessions: state.sessions.filter((session) => !oldest.includes(session)) }
}

/** Make sure there is a session to send with; returns it, or `undefined` while a bundle is missing. */
export function ensureSession(context: Context, unit: Unit): Session | undefined {
  const { state } = unit
  if (state === undefined) return undefined
  const now = context.clock.now()
  const known = sendingSession(context, state, now)
  // A stale one gives way to another as soon as there is a fresh bundle: its answer may be weeks away.
  if (known !== undefined && !(known.stale && hasFreshBundle(state, now))) return known
  const begun = beginSession(context, state, now)
  const session = sendingSession(context, begun, now)
  unit.state = trimSessions(begun, session)
  if (session !== undefined && state.sessions.some(({ opening }) => opening !== undefined)) {
    // What was sealed on the session that was never answered needs its hello, and that has expired.
    resealSoon(context, unit, state.contact.id)
  }
  return session
}

/**
 * Begin another session after messages have expired: their places in the sending chain stay empty, and where too many lie in a row, the
 * recipient never recognises what comes after them; and nothing that follows an expired hello can be opened. Says whether there is one.
 */
export function renewAfterGap(context: Context, unit: Unit): boolean {
  const { state } = unit
  const session = state === undefined ? undefined : sendingSession(context, state, context.clock.now())
  const isAnswered = session !== undefined && session.opening === undefined
  const hasGap = (session?.sending?.next ?? 0) >= NEXT_TAG_WINDOW
  return (!isAnswered || hasGap) && renewSession(context, unit)
}

/** Begin another session in place of the one in use. Says whether there is one. */
export function renewSession(context: Context, unit: Unit): boolean {
  const { state } = unit
  if (state === undefined || state.contact.blocked || state.contact.change !== undefined) return false
  const now = context.clock.now()
  const begun = beginSession(context, state, now)
  if (begun === state) return false
  unit.state = trimSessions(begun, sendingSession(context, begun, now))
  return true
}

async function pay(context: Context, hello: Extract<SealedHello, { kind: 'unpaid' }>): Promise<Uint8Array> {
  let search = searchProof({ challenge: hello.challenge, next: 0 }, PROOF_SLICE)
  while (search.kind === 'searching') {
    await pause(context.clock)
    search = searchProof(search.search, PROOF_SLICE)
  }
  return payHello(hello.envelope, search.proof)
}

/** Receipts ride along where there is room; a message as large as allowed goes without. */
function composePayload(
  conversation: ConversationRecord,
  bodies: readonly Uint8Array[]
): { payload: Uint8Array; receipted: boolean } {
  const receipts = bodies.length === 0 || conversation.receiptDue ? receiptsOf(conversation) : []
  const payload = encodePayload(bodies, receipts)
  if (bodies.length === 0 || payload.length <= MAX_CONTENT_BYTES + BODY_OVERHEAD)
    return { payload, receipted: true }
  return { payload: encodePayload(bodies, []), receipted: false }
}

/**
 * Encrypt encoded bodies, or receipts alone, for a contact with its current session, as a hello until the first
 * reply. Receipts that are due ride along. The new session state is in `unit`, to be committed with the envelope.
 * `undefined` while there is no session.
 */
export async function sealPayload(
  context: Context,
  unit: Unit,
  bodies: readonly Uint8Array[],
  expiryDay: number
): Promise<Uint8Array | undefined> {
  const session = ensureSession(context, unit)
  const { state } = unit
  if (session === undefined || state === undefined) return undefined
  const { payload, receipted } = composePayload(state.conversation, bodies)
  const envelope = shouldSayHello(session)
    ? await sealAsHello(context, unit, state, session, payload, expiryDay)
    : sealAsDirect(context, unit, state, session, payload, expiryDay)
  if (envelope !== undefined && receipted && unit.state?.conversation.receiptDue === true) {
    unit.state = withConversation(unit.state, { receiptDue: false })
  }
  return envelope
}

function sealAsDirect(
  context: Context,
  unit: Unit,
  state: PeerState,
  session: Session,
  payload: Uint8Array,
  expiryDay: number
): Uint8Array | undefined {
  const carried = carryPiece(session, payload, context.clock.now(), context.random)
  const sealed = sealDirect(carried.session, carried.payload, expiryDay, context.random)
  if (sealed.kind === 'rejected') return undefined
  unit.state = withSession(state, sealed.session)
  return sealed.envelope
}

async function sealAsHello(
  context: Context,
  unit: Unit,
  state: PeerState,
  session: Parameters<typeof sealInHello>[0],
  payload: Uint8Array,
  expiryDay: number
): Promise<Uint8Array | undefined> {
  const { record, prekeys } = context.own
  const certificate = encodeCertificate(record.identity, prekeys.seq)
  const said = sealInHello(session, certificate, payload, expiryDay, context.random)
  if (said.hello.kind === 'rejected') return undefined
  const { invite } = state.contact
  const used = session.opening.invite
  // The card may have been renewed since the session began.
  const isUsed = invite !== undefined && used !== undefined && compareBytes(invite.secret, used) === 0
  const counted = isUsed ? withContact(state, { invite: { ...invite, count: invite.count + 1 } }) : state
  unit.state = withSession(counted, said.session)
  return said.hello.kind === 'unpaid' ? await pay(context, said.hello) : said.hello.envelope
}
