import type { Clock } from '../clock.js'
import { MessengerError } from '../errors.js'
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

  function endOf(ms: number): number {
    if (!Number.isNaN(now + ms)) return now + ms
    throw new MessengerError('OPTIONS_INVALID', 'The time that passes is a number of milliseconds')
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
      const end = endOf(ms)
      await passTurns(() => step(end))
      now = Math.max(now, end)
    },
    async runUntil(predicate, limitMs) {
      const end = endOf(limitMs)
      // Looked at before the next timer, which may be long after: what this one began may be what is waited for.
      await passTurns(() => {
        if (predicate()) return false
        if (step(end)) return true
        throw new Error(`Not so after ${String(limitMs)} ms of virtual time: ${predicate.toString()}`)
      })
    }
  }
}

/** Turns after which the event loop gets one: what is real, as a signal that ends the process, waits no longer. */
const TURNS_IN_A_ROW = 1_024
let turns = 0
/** Who waits for a turn. One has it at a time: between two of them promises do what they have to, whoever lets time pass. */
const waiting: (() => void)[] = []
/** To wait for it costs less than `queueMicrotask`, which notes where it was called. */
const settled = Promise.resolve()

/** Take turns until one says that it was the last; before each, every microtask runs, however long their chain. */
function passTurns(turn: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const take = (): void => {
      try {
        if (turn()) afterMicrotasks(take)
        else resolve()
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    }
    afterMicrotasks(take)
  })
}

function afterMicrotasks(take: () => void): void {
  waiting.push(take)
  if (waiting.length === 1) prepareTurn()
}

function prepareTurn(): void {
  turns = (turns + 1) % TURNS_IN_A_ROW
  if (turns === 0 || nextTick === undefined) nextTurn(takeTurn)
  // Where ticks are, they come after all microtasks if a microtask set them, and cost a tenth of a turn of the event loop.
  else void settled.then(hop)
}

function hop(): void {
  nextTick?.(takeTurn)
}

function takeTurn(): void {
  const take = waiting.shift()
  if (waiting.length > 0) prepareTurn()
  take?.()
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
