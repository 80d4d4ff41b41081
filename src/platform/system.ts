import type { Clock } from '../clock.js'
import type { RandomSource } from '../crypto/random.js'

/** Longest delay a timer takes, ms; a longer one would fire at once. */
const MAX_DELAY = 2 ** 31 - 1
/** Random bytes fetched at a time: one call of the system serves many nonces. */
const POOL_BYTES = 4_096

function unref(timer: NodeJS.Timeout | number): void {
  // Node's timers keep a process alive unless told not to; a browser's are numbers.
  if (typeof timer === 'object') timer.unref()
}

/**
 * Sooner than a timer, which takes a millisecond at least, and in a tab that nobody looks at a second or a minute. It holds the process for this turn
 * only, and has to: the event loop would wait for something else before it.
 */
function atTurnEnd(wake: () => void): () => void {
  if (!('setImmediate' in globalThis)) return byMessage(wake)
  const immediate = setImmediate(wake)
  return () => {
    clearImmediate(immediate)
  }
}

function byMessage(wake: () => void): () => void {
  const { port1, port2 } = new MessageChannel()
  const cancel = (): void => {
    port1.close()
  }
  port1.onmessage = () => {
    cancel()
    wake()
  }
  port2.postMessage(undefined)
  return cancel
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(delay, wake) {
    if (delay <= 0) return atTurnEnd(wake)
    const timer = setTimeout(wake, Math.min(delay, MAX_DELAY))
    unref(timer)
    return () => {
      clearTimeout(timer)
    }
  }
}

function createPool(): RandomSource {
  const pool = new Uint8Array(POOL_BYTES)
  let used = POOL_BYTES
  return (length) => {
    if (length > POOL_BYTES / 4) return crypto.getRandomValues(new Uint8Array(length))
    if (used + length > pool.length) {
      crypto.getRandomValues(pool)
      used = 0
    }
    const bytes = pool.slice(used, used + length)
    // A byte is handed out once: what is left in the pool says nothing of what was taken.
    pool.fill(0, used, used + length)
    used += length
    return bytes
  }
}

/** The system's generator, pooled. */
export const systemRandom: RandomSource = createPool()
