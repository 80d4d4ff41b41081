import { inMilliseconds, quantile, type RoundTrips } from './round-trips.js'
import { ranges } from './ranges.js'
import type { Talk } from './talk.js'

/** Characters of a text that are shown. */
const SHOWN_TEXT = 38

/** An own message, how far it has come, and how long it took if it arrived. */
export function showMessage(talk: Talk, number: number): string {
  const text = talk.texts.get(number) ?? ''
  const shown = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT - 1)}…` : text
  const status = talk.statuses.get(number) ?? 'queued'
  const isRead = status === 'read'
  const start = talk.writtenAt.get(number)
  const end = talk.deliveredAt.get(number)
  if (start === undefined || end === undefined) return `→ “${shown}” ${status}`
  return `→ “${shown}” delivered in ${inMilliseconds(end - start)}${isRead ? ', read' : ''}`
}

/** Many messages of somebody at once. */
export function showMany(trips: RoundTrips): string {
  const times = [...trips.values()]
  const middle = inMilliseconds(quantile(times, 0.5))
  return `→ ${ranges(trips.keys())} delivered, round trip ${middle} (slowest ${inMilliseconds(quantile(times, 1))})`
}

export function inKilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`
}
