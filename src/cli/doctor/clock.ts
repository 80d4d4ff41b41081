import type { Message } from '../../library.js'
import { agoText, dayText } from '../time-text.js'
import type { Finding } from './finding.js'

/** Nothing of Hallig is older: a clock before it has lost its time. */
const EARLIEST = Date.UTC(2026, 0, 1)
/** By so much two clocks may differ without anybody noticing, ms; the protocol allows a day. */
const TOLERANCE = 5 * 60_000

/**
 * Whether this device's clock can be right. Nobody is asked for the time: what was received says enough, for nobody's message
 * can have been written after it arrived.
 */
export function lookAtClock(now: number, received: readonly Pick<Message, 'sentAt' | 'storedAt'>[]): Finding {
  const what = 'Clock'
  const today = dayText(now)
  if (now < EARLIEST) {
    const sentence = `It is not ${today}: set the clock, or messages count as expired.`
    return { what, state: 'failure', sentence }
  }
  const latest = Math.max(-Infinity, ...received.map(({ storedAt }) => storedAt))
  if (latest > now + TOLERANCE) {
    const sentence = `It was set back: messages were stored after ${today}. Is the date right?`
    return { what, state: 'warning', sentence }
  }
  const early = received.filter(({ sentAt, storedAt }) => sentAt > storedAt + TOLERANCE)
  if (early.length > 0) {
    const newest = Math.max(...early.map(({ storedAt }) => storedAt))
    const sentence = `A message came in (${agoText(newest, now)}) before it was written: this clock is slow, or its sender's is fast.`
    return { what, state: 'warning', sentence }
  }
  return { what, state: 'ok', sentence: `It is ${today}, and nothing speaks against it.` }
}
