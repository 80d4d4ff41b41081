import {
  decapsulate,
  encapsulate,
  generateKemKeyPair,
  KEM_CIPHERTEXT_BYTES,
  KEM_PUBLIC_KEY_BYTES
} from '../../crypto/kem.js'
import type { RandomSource } from '../../crypto/random.js'
import { equalBytes } from '../../crypto/wipe.js'
import { MAX_PQ_EPOCH, PQ_EPOCH_INTERVAL, PQ_EPOCH_MESSAGES } from '../limits.js'
import {
  answerMac,
  epochStep,
  firstAuthenticator,
  MAC_BYTES,
  offerMac,
  type Authenticator,
  type EpochKey
} from './epoch.js'
import {
  cutPiece,
  decodePiece,
  gather,
  isWhole,
  MIN_PIECE_BYTES,
  nothingGathered,
  outgoing,
  type Gathered,
  type Outgoing,
  type Piece
} from './pieces.js'

/** `encapsulation key 1184 ‖ MAC 32`, bytes. */
export const OFFER_BYTES = KEM_PUBLIC_KEY_BYTES + MAC_BYTES
/** `ciphertext 1088 ‖ MAC 32`, bytes. */
export const ANSWER_BYTES = KEM_CIPHERTEXT_BYTES + MAC_BYTES

/** The side of the handshake: the initiator offers the odd epochs, the recipient the even ones, so that two offers never meet. */
export type PqRole = 'initiator' | 'recipient'

/** The epoch under way, as one side sees it. Its number is one above the agreed one. */
export type PqExchange =
  | {
      readonly kind: 'offering'
      /** ML-KEM-768 seed. */
      readonly secretKey: Uint8Array
      readonly outgoing: Outgoing
      /** Once there is some of it, the other side has the whole offer. */
      readonly answer?: Gathered
    }
  | { readonly kind: 'gathering'; readonly offer: Gathered }
  | {
      readonly kind: 'answering'
      readonly outgoing: Outgoing
      /** In force as soon as the other side uses it. */
      readonly authenticator: Authenticator
      readonly epochKey: EpochKey
    }

/** One side of the post-quantum ratchet: plain data, replaced as a whole by every step. */
export interface PqRatchet {
  readonly role: PqRole
  readonly authenticator: Authenticator
  /** The newest key that both sides are known to have; none before the first epoch. */
  readonly agreed?: EpochKey
  /** Messages sent and received since its secret was made. */
  readonly messages: number
  /** When that was, ms. */
  readonly since: number
  readonly exchange?: PqExchange
}

export function beginPqRatchet(
  role: PqRole,
  secretKey: Uint8Array,
  sessionId: Uint8Array,
  now: number
): PqRatchet {
  return { role, authenticator: firstAuthenticator(secretKey, sessionId), messages: 0, since: now }
}

function nextEpoch({ agreed }: PqRatchet): number {
  return (agreed?.epoch ?? 0) + 1
}

function offers(role: PqRole, epoch: number): boolean {
  return (epoch % 2 === 1) === (role === 'initiator')
}

/** Note that a message was sent or received. */
export function countMessage({
  role,
  authenticator,
  agreed,
  messages,
  since,
  exchange
}: PqRatchet): PqRatchet {
  // Field by field, as in `afterMessage`.
  const counted: { -readonly [Name in keyof PqRatchet]: PqRatchet[Name] } = {
    role,
    authenticator,
    messages: messages + 1,
    since
  }
  if (agreed !== undefined) counted.agreed = agreed
  if (exchange !== undefined) counted.exchange = exchange
  return counted
}

/** Whether this side begins the next epoch with its next message that has room. */
function isDue(state: PqRatchet, now: number): boolean {
  const epoch = nextEpoch(state)
  if (state.exchange !== undefined || epoch > MAX_PQ_EPOCH || !offers(state.role, epoch)) return false
  // A clock that was put far back has as much reason as one that has gone on.
  return state.messages >= PQ_EPOCH_MESSAGES || Math.abs(now - state.since) >= PQ_EPOCH_INTERVAL
}

function beginExchange(state: PqRatchet, random: RandomSource): PqExchange {
  const { publicKey, secretKey } = generateKemKeyPair(random)
  const whole = new Uint8Array(OFFER_BYTES)
  whole.set(publicKey)
  whole.set(offerMac(state.authenticator, nextEpoch(state), publicKey), publicKey.length)
  return { kind: 'offering', secretKey, outgoing: outgoing(whole) }
}

/** What to put into a message that has `room` bytes to spare, if anything. */
export function sendPiece(
  state: PqRatchet,
  room: number,
  now: number,
  random: RandomSource
): { readonly state: PqRatchet; readonly piece?: Uint8Array } {
  if (room < MIN_PIECE_BYTES) return { state }
  const exchange = isDue(state, now) ? beginExchange(state, random) : state.exchange
  if (exchange === undefined || exchange.kind === 'gathering') return { state }
  if (exchange.kind === 'offering' && exchange.answer !== undefined) return { state }
  const part = exchange.kind === 'offering' ? 'offer' : 'answer'
  const cut = cutPiece(exchange.outgoing, { epoch: nextEpoch(state), part }, room, random)
  if (cut === undefined) return { state }
  return { state: { ...state, exchange: { ...exchange, outgoing: cut.outgoing } }, piece: cut.piece }
}

/** `ignored`: late, repeated, or of no use now. */
export type PieceReceived =
  | { readonly kind: 'taken'; readonly state: PqRatchet }
  | { readonly kind: 'ignored'; readonly state: PqRatchet }
  | {
      readonly kind: 'rejected'
      readonly reason: 'malformed-piece' | 'bad-offer' | 'bad-answer'
      /** As it was; but what was gathered of an offer or answer that does not verify is forgotten, or no true one could follow. */
      readonly state: PqRatchet
    }

/** Take in a piece that came in an authenticated message. */
export function receivePiece(
  state: PqRatchet,
  bytes: Uint8Array,
  now: number,
  random: RandomSource
): PieceReceived {
  const piece = decodePiece(bytes)
  if (piece === undefined) return { kind: 'rejected', reason: 'malformed-piece', state }
  const { exchange } = state
  if (piece.epoch !== nextEpoch(state)) return { kind: 'ignored', state }
  if (piece.part === 'answer') {
    return exchange?.kind === 'offering'
      ? receiveAnswer(state, exchange, piece, now)
      : { kind: 'ignored', state }
  }
  const isOurs = offers(state.role, piece.epoch)
  if (isOurs || exchange?.kind === 'answering') return { kind: 'ignored', state }
  const before = exchange?.kind === 'gathering' ? exchange.offer : nothingGathered(OFFER_BYTES)
  return receiveOffer(state, before, piece, now, random)
}

function receiveOffer(
  state: PqRatchet,
  before: Gathered,
  piece: Piece,
  now: number,
  random: RandomSource
): PieceReceived {
  const offer = gather(before, piece)
  if (offer === undefined) return { kind: 'rejected', reason: 'malformed-piece', state }
  if (offer === before) return { kind: 'ignored', state }
  if (!isWhole(offer)) return { kind: 'taken', state: { ...state, exchange: { kind: 'gathering', offer } } }
  const publicKey = offer.bytes.slice(0, KEM_PUBLIC_KEY_BYTES)
  const mac = offerMac(state.authenticator, piece.epoch, publicKey)
  const isAuthentic = equalBytes(mac, offer.bytes.subarray(KEM_PUBLIC_KEY_BYTES))
  const kem = isAuthentic ? encapsulate(publicKey, random) : undefined
  const { exchange: _under, ...idle } = state
  if (kem === undefined) return { kind: 'rejected', reason: 'bad-offer', state: idle }
  const { ciphertext, sharedSecret } = kem
  const step = epochStep(state.authenticator, { epoch: piece.epoch, publicKey, ciphertext, sharedSecret })
  const whole = new Uint8Array(ANSWER_BYTES)
  whole.set(ciphertext)
  whole.set(answerMac(step.authenticator, piece.epoch, ciphertext), ciphertext.length)
  return {
    kind: 'taken',
    state: {
      ...idle,
      messages: 0,
      since: now,
      exchange: { kind: 'answering', outgoing: outgoing(whole), ...step }
    }
  }
}

function receiveAnswer(
  state: PqRatchet,
  exchange: Extract<PqExchange, { kind: 'offering' }>,
  piece: Piece,
  now: number
): PieceReceived {
  const before = exchange.answer ?? nothingGathered(ANSWER_BYTES)
  const answer = gather(before, piece)
  if (answer === undefined) return { kind: 'rejected', reason: 'malformed-piece', state }
  if (answer === before) return { kind: 'ignored', state }
  if (!isWhole(answer)) return { kind: 'taken', state: { ...state, exchange: { ...exchange, answer } } }
  const ciphertext = answer.bytes.slice(0, KEM_CIPHERTEXT_BYTES)
  const { answer: _bad, ...waiting } = exchange
  const bad = { kind: 'rejected', reason: 'bad-answer', state: { ...state, exchange: waiting } } as const
  const sharedSecret = decapsulate(ciphertext, exchange.secretKey)
  if (sharedSecret === undefined) return bad
  const publicKey = exchange.outgoing.whole.slice(0, KEM_PUBLIC_KEY_BYTES)
  const step = epochStep(state.authenticator, { epoch: piece.epoch, publicKey, ciphertext, sharedSecret })
  const mac = answerMac(step.authenticator, piece.epoch, ciphertext)
  if (!equalBytes(mac, answer.bytes.subarray(KEM_CIPHERTEXT_BYTES))) return bad
  const { exchange: _done, ...idle } = state
  const { authenticator, epochKey: agreed } = step
  return { kind: 'taken', state: { ...idle, authenticator, agreed, messages: 0, since: now } }
}

/** The key of an epoch that the other side may begin a chain with now: the agreed one, or the one whose answer it must have. */
export function epochKeyOf({ agreed, exchange }: PqRatchet, epoch: number): EpochKey | undefined {
  if (agreed?.epoch === epoch) return agreed
  return exchange?.kind === 'answering' && exchange.epochKey.epoch === epoch ? exchange.epochKey : undefined
}

/** The other side has begun a chain of this epoch, so it has the answer. */
export function confirmEpoch(state: PqRatchet, epoch: number): PqRatchet {
  const { exchange, ...idle } = state
  if (exchange?.kind !== 'answering' || exchange.epochKey.epoch !== epoch) return state
  return { ...idle, authenticator: exchange.authenticator, agreed: exchange.epochKey }
}
