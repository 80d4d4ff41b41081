import type { Clock } from '../../src/clock.js'

export interface FakeClock extends Clock {
  /** Timers waiting. */
  readonly pending: number
  /**
   * Let `ms` milliseconds pass: runs due timers in order and, before the first, between any two and after the last,
   * everything promises still have to do. `rounds` is how many turns of the real event loop that takes: 1 drains all
   * microtasks; more are for code that waits for `setImmediate` or real input and output.
   */
  advance(ms: number, options?: { readonly rounds?: number }): Promise<void>
  /** Let time pass, timer by timer, until `predicate` holds; rejects after `limitMs` of fake time. */
  runUntil(predicate: () => boolean, limitMs: number, options?: { readonly rounds?: number }): Promise<void>
}

interface Timer {
  readonly at: number
  readonly wake: () => void
}

/** Time that passes only when told to. Timers of the same instant run in the order they were set. */
export function createFakeClock(start = 1_750_000_000_000): FakeClock {
  let now = start
  const timers: Timer[] = []

  /** Runs the next timer due by `end`; false if there is none. */
  function step(end: number): boolean {
    const timer = timers[0]
    if (timer === undefined || timer.at > end) return false
    timers.shift()
    now = Math.max(now, timer.at)
    timer.wake()
    return true
  }

  return {
    now: () => now,
    schedule(delay, wake) {
      const timer = { at: now + Math.max(0, delay), wake }
      timers.splice(placeOf(timers, timer.at), 0, timer)
      return () => {
        const index = timers.indexOf(timer)
        if (index >= 0) timers.splice(index, 1)
      }
    },
    get pending() {
      return timers.length
    },
    async advance(ms, { rounds = 1 } = {}) {
      const end = now + ms
      do await settle(rounds)
      while (step(end))
      now = end
    },
    async runUntil(predicate, limitMs, { rounds = 1 } = {}) {
      const end = now + limitMs
      await settle(rounds)
      while (!predicate()) {
        if (!step(end)) {
          throw new Error(`Not so after ${String(limitMs)} ms of fake time: ${predicate.toString()}`)
        }
        // Before the next timer, which may be long after: what this one began may be what is waited for.
        await settle(rounds)
      }
    }
  }
}

/** A turn of the event loop runs every microtask, however long their chain. */
async function settle(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) await new Promise((resolve) => setImmediate(resolve))
}

/** Where a timer of `at` belongs: behind all that are due no later, found by halving. */
function placeOf(timers: readonly Timer[], at: number): number {
  let low = 0
  let high = timers.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const timer = timers[middle]
    if (timer !== undefined && timer.at <= at) low = middle + 1
    else high = middle
  }
  return low
}
