import type { ObserverProcess } from './observer-process.js'
import type { PersonProcess } from './person-process.js'
import type { Plan } from './plan.js'
import type { Outage } from './round-trips.js'
import type { Timeline } from './timeline.js'

/** Everybody and everything the scenes have in common. */
export interface Stage {
  readonly plan: Plan
  readonly network: string
  readonly timeline: Timeline
  readonly alice: PersonProcess
  readonly bob: PersonProcess
  readonly observer: ObserverProcess
  /** Addresses to start with where multicast does not work. */
  readonly bootstrap: string[]
  /** When one of the two was not there. */
  readonly outages: Outage[]
}

/** Milliseconds on the clock that all processes share. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
