import { DAY_MS } from '../protocol/limits.js'

/** Renewals by themselves within a week, of which no two within a day: each costs a session, and perhaps a proof of work. */
const MAX_PER_WEEK = 3

/** Whether what was renewed at these times, epoch ms, may be renewed by itself now. A clock that was set back need not get where it was before. */
export function mayRenew(times: readonly number[], now: number): boolean {
  const ages = times.map((at) => Math.abs(now - at))
  return ages.every((age) => age > DAY_MS) && ages.filter((age) => age < 7 * DAY_MS).length < MAX_PER_WEEK
}
