import type { RandomSource } from '../../crypto/random.js'

/** First wait for a receipt before any has come, ms: two hops and a slow commit. */
const INITIAL_WAIT = 3_000
/** Least wait, ms: below it a busy recipient would be sent everything twice. */
const MIN_WAIT = 1_000
/** Longest wait, ms: somebody who comes back is found by its arrival, not by our timer. */
const MAX_WAIT = 5 * 60_000
/** The same where enough others keep the envelope, ms: reconciliation brings it to whoever comes, and a repetition would be passed on by everybody who has it. */
const MAX_HELD_WAIT = 30 * 60_000
/** Others that keep an envelope are enough from here on: one may be the recipient, or walk away with the only copy. */
const ENOUGH_HOLDERS = 2
/** Least time between two publishes that joining peers cause, ms: in a busy network somebody always joins. */
const JOIN_QUIET = 2_000
/** A wait is lengthened by up to this share of itself, so that nodes do not speak in step. */
const JITTER = 0.25
/** Weight of a new measurement of the receipt time, as in RFC 6298. */
const SMOOTHING = 1 / 8
/** The same for its variation. */
const VARIANCE_SMOOTHING = 1 / 4

/** When a stored envelope goes out again. Not stored: after a restart everything is due. */
export interface Transmission {
  readonly attempts: number
  /** Epoch ms; 0 before the first. */
  readonly lastAt: number
  /** Epoch ms; `Infinity` while nobody is there to hear it. */
  readonly nextAt: number
}

/** Who has an envelope when it has been published. */
export interface Audience {
  /** How many peers it was handed to. */
  readonly recipients: number
  /** How many have said that they keep it. */
  readonly holders: number
}

/** How long receipts of a contact take, ms (RFC 6298). */
export interface ReceiptTime {
  readonly smoothed: number
  readonly variation: number
}

export const NOT_TRANSMITTED: Transmission = { attempts: 0, lastAt: 0, nextAt: 0 }

function randomShare(random: RandomSource): number {
  return (random(1)[0] ?? 0) / 256
}

function baseWait(time: ReceiptTime | undefined): number {
  return time === undefined ? INITIAL_WAIT : Math.max(MIN_WAIT, 2 * (time.smoothed + 4 * time.variation))
}

/** After a publish: doubled waits up to five minutes, or half an hour if others keep it; until somebody joins if nobody was there. */
export function afterPublish(
  transmission: Transmission,
  { recipients, holders }: Audience,
  time: ReceiptTime | undefined,
  now: number,
  random: RandomSource
): Transmission {
  if (recipients === 0) return { ...transmission, nextAt: Infinity }
  const longest = holders >= ENOUGH_HOLDERS ? MAX_HELD_WAIT : MAX_WAIT
  const wait = Math.min(longest, baseWait(time) * 2 ** Math.min(transmission.attempts, 16))
  const jittered = wait * (1 + JITTER * randomShare(random))
  return { attempts: transmission.attempts + 1, lastAt: now, nextAt: now + jittered }
}

/** Whether it is time; a clock that was set back makes it time at once, or nothing would be sent for as long. */
export function isDue(transmission: Transmission, now: number): boolean {
  return transmission.nextAt <= now || (transmission.nextAt !== Infinity && now < transmission.lastAt)
}

/** After a peer joined the topic: due now, or shortly if it has just been published; then with the patience it had. */
export function afterJoin(transmission: Transmission, now: number): Transmission {
  const isClockSane = now >= transmission.lastAt
  const earliest =
    transmission.nextAt === Infinity || !isClockSane ? now : Math.max(now, transmission.lastAt + JOIN_QUIET)
  return { ...transmission, nextAt: Math.min(transmission.nextAt, earliest) }
}

/**
 * After a sign of life of the recipient: what was doubled for its silence is undone, or what it cannot hear yet would wait the longest once it
 * can. Never fewer than two attempts: a receipt that comes now says nothing of the time it took.
 */
export function afterHeard(
  transmission: Transmission,
  time: ReceiptTime | undefined,
  now: number
): Transmission {
  const { attempts, lastAt, nextAt } = transmission
  if (attempts < 2 || nextAt === Infinity) return transmission
  return { attempts: 2, lastAt, nextAt: Math.min(nextAt, Math.max(now, lastAt + baseWait(time))) }
}

/** After a receipt of something published once (a repeated one says nothing of the time: Karn's rule). */
export function measureReceipt(time: ReceiptTime | undefined, sample: number): ReceiptTime {
  if (time === undefined) return { smoothed: sample, variation: sample / 2 }
  const variation = time.variation + VARIANCE_SMOOTHING * (Math.abs(time.smoothed - sample) - time.variation)
  return { smoothed: time.smoothed + SMOOTHING * (sample - time.smoothed), variation }
}
