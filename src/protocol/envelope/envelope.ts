import {
  CLOCK_TOLERANCE_DAYS,
  DAY_MS,
  EARLIEST_DAY,
  MAX_ENVELOPE_BYTES,
  MAX_LIFETIME_DAYS,
  MIN_ENVELOPE_BYTES
} from '../limits.js'
import { reject, type Rejected } from '../rejection.js'

export const ENVELOPE_VERSION = 1
/** Direct, group and invited hello envelopes: they look alike. */
export const LANE_TAGGED = 0
/** Hellos to a reusable card: visible as such, and paid for with a proof of work. */
export const LANE_OPEN = 1
/** Bytes of an envelope's tag. */
export const TAG_BYTES = 16
const TAG_OFFSET = 4
/** `version u8 ‖ lane u8 ‖ expiry day u16 ‖ tag 16`: what every envelope begins with and every seal binds. */
export const PREFIX_BYTES = TAG_OFFSET + TAG_BYTES

const LARGEST_DAY = 0xffff

/** What can be said of an envelope without a key. */
export interface EnvelopeOutline {
  readonly lane: typeof LANE_TAGGED | typeof LANE_OPEN
  /** Days since the Unix epoch; it expires when that day is over. */
  readonly expiryDay: number
  readonly tag: Uint8Array
  readonly bytes: Uint8Array
}

export type OutlineRejection = Rejected<
  'wrong-size' | 'unknown-version' | 'unknown-lane' | 'expired' | 'lives-too-long'
>

/** The smallest allowed size that holds `length` bytes, or `undefined` if none does. */
export function envelopeSize(length: number): number | undefined {
  for (let size = MIN_ENVELOPE_BYTES; size <= MAX_ENVELOPE_BYTES; size *= 2) if (length <= size) return size
  return undefined
}

function isEnvelopeSize(length: number): boolean {
  return envelopeSize(length) === length
}

export function dayOf(now: number): number {
  return Math.min(Math.max(0, Math.floor(now / DAY_MS)), LARGEST_DAY)
}

/** The day on which something sent now with this lifetime expires. */
export function expiryDay(now: number, lifetime: number): number {
  return dayOf(now + lifetime)
}

/** Whether the day is over by this clock, with its tolerance. */
export function isDayOver(day: number, now: number): boolean {
  return day < firstDay(now)
}

/** The first day that is not over. */
export function firstDay(now: number): number {
  return dayOf(now) - CLOCK_TOLERANCE_DAYS
}

function livesTooLong(day: number, now: number): boolean {
  return day > dayOf(now) + MAX_LIFETIME_DAYS + CLOCK_TOLERANCE_DAYS
}

/** Whether only a clock that was wrong by weeks or years can have chosen this day: beyond every life, or before all of this was. */
export function isMisdated(day: number, now: number): boolean {
  return livesTooLong(day, now) || day < EARLIEST_DAY
}

export function encodePrefix(lane: number, day: number, tag: Uint8Array): Uint8Array {
  // Byte by byte, as of every message: a writer takes longer than so little.
  const prefix = new Uint8Array(PREFIX_BYTES)
  prefix[0] = ENVELOPE_VERSION
  prefix[1] = lane
  prefix[2] = day >>> 8
  prefix[3] = day
  prefix.set(tag, TAG_OFFSET)
  return prefix
}

/** The tag in an envelope's bytes: a view. */
export function tagOf(envelope: Uint8Array): Uint8Array {
  return envelope.subarray(TAG_OFFSET, PREFIX_BYTES)
}

/** The lane of an envelope that is known to be one. */
export function laneOf(envelope: Uint8Array): number | undefined {
  return envelope[1]
}

/** The outline over bytes of its own: an envelope that waits must not keep the whole parcel it came in. */
export function detachOutline(outline: EnvelopeOutline): EnvelopeOutline {
  const bytes = outline.bytes.slice()
  return { ...outline, bytes, tag: bytes.subarray(TAG_OFFSET, PREFIX_BYTES) }
}

/** The structural check of an envelope, cheap enough to run before gossip forwards it. */
export function outlineEnvelope(
  bytes: Uint8Array,
  now: number
): { readonly kind: 'outlined'; readonly outline: EnvelopeOutline } | OutlineRejection {
  if (!isEnvelopeSize(bytes.length)) return reject('wrong-size')
  const [version, lane, high = 0, low = 0] = [bytes[0], bytes[1], bytes[2], bytes[3]]
  if (version !== ENVELOPE_VERSION) return reject('unknown-version')
  if (lane !== LANE_TAGGED && lane !== LANE_OPEN) return reject('unknown-lane')
  const day = (high << 8) | low
  if (isDayOver(day, now)) return reject('expired')
  if (livesTooLong(day, now)) return reject('lives-too-long')
  return {
    kind: 'outlined',
    outline: { lane, expiryDay: day, tag: bytes.subarray(TAG_OFFSET, PREFIX_BYTES), bytes }
  }
}
