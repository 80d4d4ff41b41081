import type { Islands } from './islands.js'
import type { ObserverProcess } from './observer-process.js'
import type { PersonProcess } from './person-process.js'
import type { Plan } from './plan.js'
import type { Outage } from './round-trips.js'
import type { Timeline } from './timeline.js'

/** Everybody and everything the chapters have in common. */
export interface Stage {
  readonly plan: Plan
  readonly directory: string
  readonly network: string
  readonly timeline: Timeline
  readonly islands: Islands
  readonly alice: PersonProcess
  readonly bob: PersonProcess
  readonly carol: PersonProcess
  readonly dora: PersonProcess
  readonly emil: PersonProcess
  readonly frieda: PersonProcess
  readonly observer: ObserverProcess
  /** When Alice and Bob could not talk, because one of them was not there. */
  readonly outages: Outage[]
}

export function everybody({ alice, bob, carol, dora, emil, frieda }: Stage): PersonProcess[] {
  return [alice, bob, carol, dora, emil, frieda]
}

/** Milliseconds on the clock that all processes share. */
export function now(): number {
  return performance.timeOrigin + performance.now()
}
