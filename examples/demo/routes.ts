import { ranges } from './ranges.js'
import { inMilliseconds, quantile, type Outage } from './round-trips.js'
import type { Route } from './summary.js'
import type { Talk } from './talk.js'

/** By what way one message came, given when it was written and when it arrived. */
export type PathOf = (writtenAt: number, receivedAt?: number) => string

/**
 * How the messages of one person to another came, by what both know of them: one row for all in a row that came the same
 * way and as far.
 */
export function routesOf(direction: string, sent: Talk, got: Talk, pathOf: PathOf): Route[] {
  const runs: { readonly path: string; readonly status: string; readonly numbers: number[] }[] = []
  for (const [number, writtenAt] of sent.writtenAt) {
    const path = pathOf(writtenAt, got.receivedAt.get(number))
    const status = sent.statuses.get(number) ?? 'queued'
    const last = runs.at(-1)
    if (last?.path === path && last.status === status) last.numbers.push(number)
    else runs.push({ path, status, numbers: [number] })
  }
  return runs.map(({ path, status, numbers }) => {
    const times = numbers.flatMap((number) => {
      const [start, end] = [sent.writtenAt.get(number), got.receivedAt.get(number)]
      return start === undefined || end === undefined ? [] : [end - start]
    })
    const carriers = Math.max(...numbers.map((number) => sent.carriers.get(number) ?? 0))
    const time = inMilliseconds(quantile(times, 0.5))
    return { message: `${direction} ${ranges(numbers)}`, path, carriers, time, status }
  })
}

/** The path of a message in a conversation that was cut off at times: whether it had to wait for the end of an outage. */
export function throughOutages(outages: readonly Outage[], waited: string): PathOf {
  return (writtenAt, receivedAt = Infinity) =>
    outages.some(({ to }) => writtenAt < to && receivedAt > to) ? waited : 'direct'
}
