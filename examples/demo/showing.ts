import type { PersonProcess } from './person-process.js'
import { inMilliseconds, quantile, type RoundTrips } from './round-trips.js'
import { ranges } from './ranges.js'
import { textOf } from './texts.js'

/** Characters of a text that are shown. */
const SHOWN_TEXT = 38

/** A message of somebody, how far it has come, and how long it took if it arrived. */
export function showMessage(from: PersonProcess, number: number): string {
  const text = textOf(number)
  const shown = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT - 1)}…` : text
  const status = from.statuses.get(number) ?? 'queued'
  const isRead = status === 'read'
  const start = from.writtenAt.get(number)
  const end = from.deliveredAt.get(number)
  if (start === undefined || end === undefined) return `→ “${shown}” ${status}`
  return `→ “${shown}” delivered in ${inMilliseconds(end - start)}${isRead ? ', read' : ''}`
}

/** An address without the peer id at its end. */
export function showAddress(address = 'others'): string {
  return address.split('/p2p/')[0] ?? address
}

/** Many messages of somebody at once. */
export function showMany(trips: RoundTrips): string {
  const times = [...trips.values()]
  const middle = inMilliseconds(quantile(times, 0.5))
  return `→ ${ranges(trips.keys())} delivered, round trip ${middle} (slowest ${inMilliseconds(quantile(times, 1))})`
}
