import { compareBytes } from '../compare-bytes.js'
import { MAX_SYNC_ASKED, MAX_SYNC_NAMED, MAX_SYNC_ROUNDS, SYNC_CREDIT } from '../limits.js'
import { reject, type Rejected } from '../rejection.js'
import { decodeFrame, encodeFrame, type Given, type SyncHello } from './frames.js'
import type { ItemView } from './item-index.js'
import { envelopeId, SHORT_ID_BYTES, type Item } from './item.js'
import { decodeRanges } from './range-message.js'
import { beginReconciling, reconcile, type Offer } from './reconcile.js'

/** One side of a session between two nodes, as plain data: every step replaces it. */
export interface SyncSession {
  readonly side: 'opener' | 'taker'
  /** `greeting`: the other's hello has not come. `comparing`: ranges go to and fro. `compared`: each knows what the other has. */
  readonly phase: 'greeting' | 'comparing' | 'compared'
  /** Whether everything was compared, so that the other holds whatever it has not said it lacks. */
  readonly isWhole: boolean
  readonly salt: Uint8Array | undefined
  readonly rounds: number
  /** Whether the other keeps envelopes for others; as it said. */
  readonly carrier: boolean
  /** Ids this side has named, by number. */
  readonly named: readonly Item[]
  /** How many ids the other has named. */
  readonly offered: number
  /** What was asked for and has not come, by number. */
  readonly asked: ReadonlyMap<number, Uint8Array>
  /** What the other asked for and was not given, in its order. */
  readonly owed: readonly number[]
  /** Bytes of envelopes that may be given before the other has stored some. */
  readonly credit: number
  /** Bytes the other has given that are not stored yet. */
  readonly unstored: number
  readonly isDone: boolean
  readonly isOtherDone: boolean
}

export type SyncRejection = Rejected<
  | 'malformed'
  | 'out-of-turn'
  | 'salted-too-often'
  | 'too-many-rounds'
  | 'too-much-asked'
  | 'unasked'
  | 'over-credit'
>

/** What a frame of the other side said. */
export type SyncEvent =
  | { readonly kind: 'greeted' }
  | {
      readonly kind: 'compared'
      /** What the other has and this side lacks. */
      readonly wanted: readonly Offer[]
      /** What the other lacks. */
      readonly lacking: readonly Item[]
    }
  | { readonly kind: 'asked' }
  /** Envelopes that were asked for and are what their ids say. */
  | { readonly kind: 'given'; readonly envelopes: readonly Uint8Array[]; readonly bytes: number }
  | { readonly kind: 'stored'; readonly bytes: number }
  | { readonly kind: 'purged'; readonly secrets: readonly Uint8Array[] }
  | { readonly kind: 'done' }

export interface SyncStep {
  readonly kind: 'stepped'
  readonly session: SyncSession
  readonly frames: readonly Uint8Array[]
  readonly event: SyncEvent
}

const FRESH: Omit<SyncSession, 'side'> = {
  phase: 'greeting',
  isWhole: false,
  salt: undefined,
  rounds: 0,
  carrier: false,
  named: [],
  offered: 0,
  asked: new Map(),
  owed: [],
  credit: 0,
  unstored: 0,
  isDone: false,
  isOtherDone: false
}

/** Begin a session; the frame goes to the other side. */
export function openSync(
  view: ItemView,
  carrier: boolean,
  salt?: Uint8Array,
  credit = SYNC_CREDIT
): { readonly session: SyncSession; readonly frame: Uint8Array } {
  return { session: { ...FRESH, side: 'opener', salt }, frame: helloOf(view, carrier, salt, credit) }
}

/** Wait for a session that another side begins. */
export function awaitSync(): SyncSession {
  return { ...FRESH, side: 'taker' }
}

function helloOf(view: ItemView, carrier: boolean, salt: Uint8Array | undefined, credit: number): Uint8Array {
  const hello: SyncHello = {
    carrier,
    credit,
    size: view.size,
    fingerprint: view.fingerprint(0, view.size),
    salt
  }
  return encodeFrame({ kind: 'hello', ...hello })
}

/** What a step is taken with. */
export interface SyncSurroundings {
  /** The set as it is now, with fingerprints made with the session's salt. */
  readonly viewOf: (salt: Uint8Array | undefined) => ItemView
  readonly carrier: boolean
  /** Whether the view may be made that the other side's salt asks for: it costs a hash for each item. */
  readonly takesSalt?: () => boolean
  /** Most bytes of a reconciliation message made now: little on a slow link. */
  readonly maxBytes: number
  /** Bytes of envelopes the other side may give before some are stored; {@link SYNC_CREDIT} if not given, and at most. */
  readonly credit?: number
}

/** Take in a frame of the other side. A rejection ends the session: no honest node causes one. */
export function receiveFrame(
  session: SyncSession,
  bytes: Uint8Array,
  surroundings: SyncSurroundings
): SyncStep | SyncRejection {
  const frame = decodeFrame(bytes)
  if (frame === undefined) return reject('malformed')
  // Purges come before anything is compared, so that what is gone costs nothing.
  if (frame.kind === 'purge') return stepped(session, { kind: 'purged', secrets: frame.secrets })
  if ((frame.kind === 'hello') !== (session.phase === 'greeting')) return reject('out-of-turn')
  switch (frame.kind) {
    case 'hello':
      return greet(session, frame, surroundings)
    case 'ranges':
      return compare(session, frame.message, surroundings)
    case 'want':
      return owe(session, frame.numbers)
    case 'give':
      return take(session, frame.given)
    case 'took': {
      const credit = session.credit + frame.bytes
      if (credit > SYNC_CREDIT) return reject('over-credit')
      return stepped({ ...session, credit }, { kind: 'stored', bytes: frame.bytes })
    }
    case 'done':
      return stepped({ ...session, phase: 'compared', isOtherDone: true }, { kind: 'done' })
  }
}

function stepped(session: SyncSession, event: SyncEvent, ...frames: Uint8Array[]): SyncStep {
  return { kind: 'stepped', session, frames, event }
}

function greet(
  session: SyncSession,
  hello: SyncHello,
  { viewOf, carrier, takesSalt, maxBytes, credit = SYNC_CREDIT }: SyncSurroundings
): SyncStep | SyncRejection {
  if (session.side === 'opener' && hello.salt !== undefined) return reject('out-of-turn')
  if (hello.salt !== undefined && takesSalt?.() === false) return reject('salted-too-often')
  const salt = session.side === 'opener' ? session.salt : hello.salt?.slice()
  const view = viewOf(salt)
  const isEqual =
    view.size === hello.size && compareBytes(view.fingerprint(0, view.size), hello.fingerprint) === 0
  const met: SyncSession = {
    ...session,
    salt,
    carrier: hello.carrier,
    credit: Math.min(hello.credit, SYNC_CREDIT),
    phase: isEqual && session.side === 'opener' ? 'compared' : 'comparing',
    isWhole: isEqual
  }
  const event: SyncEvent = { kind: 'greeted' }
  if (session.side === 'taker') return stepped(met, event, helloOf(view, carrier, undefined, credit))
  if (isEqual) return stepped(met, event)
  const { message, named } = beginReconciling(view, maxBytes)
  return stepped({ ...met, named }, event, encodeFrame({ kind: 'ranges', message }))
}

function compare(
  session: SyncSession,
  message: Uint8Array,
  { viewOf, maxBytes }: SyncSurroundings
): SyncStep | SyncRejection {
  if (session.phase !== 'comparing') return reject('out-of-turn')
  const rounds = session.rounds + 1
  if (rounds > MAX_SYNC_ROUNDS) return reject('too-many-rounds')
  const ranges = decodeRanges(message)
  if (ranges === undefined) return reject('malformed')
  const step = reconcile(viewOf(session.salt), ranges, session.offered, maxBytes)
  const missing = step.missing.map((number) => session.named[number])
  if (!isComplete(missing)) return reject('unasked')
  const named = [...session.named, ...step.named]
  const offered = session.offered + step.offered
  // What was not compared in so many rounds, or with so many ids, is left to the next session.
  const isOver = rounds === MAX_SYNC_ROUNDS || Math.max(named.length, offered) > MAX_SYNC_NAMED
  const event: SyncEvent = {
    kind: 'compared',
    wanted: step.wanted,
    lacking: [...missing, ...step.lacking]
  }
  const after = { ...session, rounds, named, offered, isWhole: false }
  if (message.length === 0) return stepped({ ...after, phase: 'compared', isWhole: true }, event)
  if (isOver) return stepped({ ...after, phase: 'compared' }, event)
  if (step.message === undefined) {
    // An empty message says that nothing is left, and needs no answer.
    const last = encodeFrame({ kind: 'ranges', message: new Uint8Array(0) })
    return stepped({ ...after, phase: 'compared', isWhole: true }, event, last)
  }
  return stepped(after, event, encodeFrame({ kind: 'ranges', message: step.message }))
}

function isComplete<T>(values: readonly (T | undefined)[]): values is readonly T[] {
  return values.every((value) => value !== undefined)
}

function owe(session: SyncSession, numbers: readonly number[]): SyncStep | SyncRejection {
  if (numbers.some((number) => number >= session.named.length)) return reject('unasked')
  const owed = [...session.owed, ...numbers]
  if (owed.length > MAX_SYNC_ASKED) return reject('too-much-asked')
  return stepped({ ...session, owed }, { kind: 'asked' })
}

function take(session: SyncSession, given: readonly Given[]): SyncStep | SyncRejection {
  const asked = new Map(session.asked)
  const envelopes: Uint8Array[] = []
  let bytes = 0
  for (const { number, envelope } of given) {
    const id = asked.get(number)
    if (id === undefined) return reject('unasked')
    asked.delete(number)
    if (envelope === undefined) continue
    bytes += envelope.length
    if (compareBytes(envelopeId(envelope).subarray(0, SHORT_ID_BYTES), id) !== 0) return reject('unasked')
    envelopes.push(envelope.slice())
  }
  const unstored = session.unstored + bytes
  if (unstored > SYNC_CREDIT) return reject('over-credit')
  return stepped({ ...session, asked, unstored }, { kind: 'given', envelopes, bytes })
}

/** Ask for some of what the other has named: at most as many as {@link MAX_SYNC_ASKED} with those that have not come yet. */
export function askFor(
  session: SyncSession,
  offers: readonly Offer[]
): { readonly session: SyncSession; readonly frame: Uint8Array } {
  const asked = new Map(session.asked)
  for (const { number, id } of offers) asked.set(number, id)
  const numbers = offers.map(({ number }) => number).sort((one, other) => one - other)
  return { session: { ...session, asked }, frame: encodeFrame({ kind: 'want', numbers }) }
}

/** Give what the other asked for, within its credit; without bytes what is gone. */
export function give(
  session: SyncSession,
  given: readonly Given[]
): { readonly session: SyncSession; readonly frame: Uint8Array } {
  const numbers = new Set(given.map(({ number }) => number))
  const bytes = given.reduce((sum, { envelope }) => sum + (envelope?.length ?? 0), 0)
  return {
    session: {
      ...session,
      owed: session.owed.filter((number) => !numbers.has(number)),
      credit: session.credit - bytes
    },
    frame: encodeFrame({ kind: 'give', given })
  }
}

/** Say that what was given is stored: the other may give as much again. */
export function acknowledge(
  session: SyncSession,
  bytes: number
): { readonly session: SyncSession; readonly frame: Uint8Array } {
  return {
    session: { ...session, unstored: session.unstored - bytes },
    frame: encodeFrame({ kind: 'took', bytes })
  }
}

/** Whether this side may say that it wants nothing more: all is compared, and all it asked for has come and is stored. */
export function mayFinish({ phase, asked, unstored, isDone }: SyncSession): boolean {
  return phase === 'compared' && asked.size === 0 && unstored === 0 && !isDone
}

export function finish(session: SyncSession): { readonly session: SyncSession; readonly frame: Uint8Array } {
  return { session: { ...session, isDone: true }, frame: encodeFrame({ kind: 'done' }) }
}

/** Whether neither side has anything left to say. */
export function isOver({ isDone, isOtherDone, owed }: SyncSession): boolean {
  return isDone && isOtherDone && owed.length === 0
}
