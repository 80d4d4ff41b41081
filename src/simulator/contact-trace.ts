import { MessengerError } from '../errors.js'
import { isCount, isText } from '../takes.js'

/** Two devices near each other for a while. */
export interface Encounter {
  /** Indexes of the devices, from 0; `one` is the smaller. */
  readonly one: number
  readonly other: number
  /** ms since the trace began. */
  readonly start: number
  readonly end: number
}

const SECOND = 1_000

/**
 * The encounters of a contact trace: one a line, `device device start end …`, devices counted from 1, times in seconds. Devices above
 * `devices` were strangers' and are left out. Times are moved so that the first encounter begins at 0; sorted by their start. Throws `OPTIONS_INVALID`.
 */
export function parseTrace(text: string, devices: number): Encounter[] {
  if (!isText(text) || !isCount(devices))
    throw new MessengerError('OPTIONS_INVALID', 'A trace is a text, and the number of its devices behind it')
  const encounters = text.split('\n').flatMap((line) => {
    const [one = NaN, other = NaN, start = NaN, end = NaN] = line.trim().split(/\s+/).map(Number)
    const isKnown =
      one >= 1 && other >= 1 && one <= devices && other <= devices && one !== other && end >= start
    const pair = { one: Math.min(one, other) - 1, other: Math.max(one, other) - 1 }
    return isKnown ? [{ ...pair, start: start * SECOND, end: end * SECOND }] : []
  })
  const first = encounters.reduce((least, { start }) => Math.min(least, start), Infinity)
  return encounters
    .map(({ one, other, start, end }) => ({ one, other, start: start - first, end: end - first }))
    .toSorted(byStart)
}

/** Orders encounters by their start; of those that start together, by their devices. */
export function byStart(a: Encounter, b: Encounter): number {
  return a.start - b.start || a.one - b.one || a.other - b.other
}
