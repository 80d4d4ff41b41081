import type { Clock } from '../clock.js'
import type { Life } from './life.js'

/** How a device's clock differs from the world's. All of it may change while it runs. */
export interface ClockError {
  /** ms by which it is ahead at {@link since}. */
  offset: number
  /** Parts per million by which it runs fast since {@link since}. */
  drift: number
  /** World time, epoch ms, at which `offset` and `drift` were set. */
  since: number
}

/** Counts what a device's timers cost it. */
export interface WakeCount {
  wakes: number
}

const MILLION = 1_000_000

/** What a clock with this error says when it is `now` in the world, whole ms as every system clock. */
export function localTime(error: ClockError, now: number): number {
  return Math.floor(now + error.offset + ((now - error.since) * error.drift) / MILLION)
}

/** The clock of one life of a device. */
export function localClock(clock: Clock, life: Life, error: ClockError, count: WakeCount): Clock {
  return {
    now: () => localTime(error, clock.now()),
    schedule: (delay, wake) =>
      clock.schedule(delay / (1 + error.drift / MILLION), () => {
        if (!life.alive) return
        count.wakes += 1
        wake()
      })
  }
}
