import type { Clock } from '../clock.js'
import { EventHeap } from './event-heap.js'

/** Time that passes only when told to. */
export interface VirtualClock extends Clock {
  /** Timers waiting. */
  readonly pending: number
  /** Timers that have run so far. */
  readonly events: number
  /**
   * Let `ms` milliseconds pass: runs due timers in order and, before the first, between any two and after the last,
   * everything promises still have to do.
   */
  advance(ms: number): Promise<void>
  /** Let time pass, timer by timer, until `predicate` holds; rejects after `limitMs` of virtual time. */
  runUntil(predicate: () => boolean, limitMs: number): Promise<void>
}

/** Epoch ms at which a world begins if it is not told. */
const DEFAULT_START = 1_750_000_000_000

/**
 * A clock for whole simulations: timers of the same instant run in the order they were set, and all microtasks run
 * between two timers, so one seed replays one run as long as nothing real (files, sockets, worker threads) is awaited.
 */
export function createVirtualClock(start = DEFAULT_START): VirtualClock {
  const heap = new EventHeap()
  let now = start
  let events = 0

  /** Runs the next timer due by `end`; false if there is none. */
  function step(end: number): boolean {
    const timer = heap.takeUntil(end)
    if (timer === undefined) return false
    now = Math.max(now, timer.at)
    events += 1
    timer.wake()
    return true
  }

  return {
    now: () => now,
    schedule(delay, wake) {
      const timer = heap.add(now + Math.max(0, delay), wake)
      return () => heap.cancel(timer)
    },
    get pending() {
      return heap.size
    },
    get events() {
      return events
    },
    async advance(ms) {
      const end = now + ms
      do await drainMicrotasks()
      while (step(end))
      now = end
    },
    async runUntil(predicate, limitMs) {
      const end = now + limitMs
      await drainMicrotasks()
      while (!predicate()) {
        if (!step(end)) {
          throw new Error(`Not so after ${String(limitMs)} ms of virtual time: ${predicate.toString()}`)
        }
        // Before the next timer, which may be long after: what this one began may be what is waited for.
        await drainMicrotasks()
      }
    }
  }
}

/** Drains after which the event loop gets a turn: what is real, as a signal that ends the process, waits no longer. */
const DRAINS_PER_TURN = 1_024
let drains = 0
/** The turn that is under way. Whoever else lets time pass waits for it too: ticks would keep it from coming, and virtual time would be over. */
let turn: Promise<void> | undefined

/** Every microtask runs, however long their chain. */
async function drainMicrotasks(): Promise<void> {
  drains = (drains + 1) % DRAINS_PER_TURN
  if (drains === 0 || nextTick === undefined)
    turn ??= new Promise<void>(nextTurn).then(() => {
      turn = undefined
    })
  // Where ticks are, they come after all microtasks if a microtask set them, and cost a tenth of a turn of the event loop.
  if (turn !== undefined || nextTick === undefined) await turn
  else await Promise.resolve().then(() => new Promise<void>(nextTick))
}

const nextTick: ((run: () => void) => void) | undefined =
  typeof process === 'object' && typeof process.nextTick === 'function' ? process.nextTick : undefined

const nextTurn: (run: () => void) => void =
  typeof setImmediate === 'function'
    ? setImmediate
    : (run) => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => {
          port1.close()
          run()
        }
        port2.postMessage(undefined)
      }
