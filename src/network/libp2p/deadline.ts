import type { Clock } from '../../clock.js'
import { onAbort, reasonOf } from '../../on-abort.js'

/** A signal that aborts when the time is up or when the caller's own signal does. */
export interface Deadline {
  readonly signal: AbortSignal
  /** Abort now. */
  end(reason: Error): void
  /** To be called when the work is over: releases the timer and the caller's signal. */
  release(): void
}

export function createDeadline(clock: Clock, ms: number, caller?: AbortSignal): Deadline {
  const controller = new AbortController()
  const cancel = clock.schedule(ms, () => {
    controller.abort(new Error(`It took longer than ${String(ms)} ms`))
  })
  const leave = onAbort(caller, () => {
    controller.abort(caller?.reason)
  })
  return {
    signal: controller.signal,
    end(reason) {
      controller.abort(reason)
    },
    release() {
      cancel()
      leave()
    }
  }
}

/**
 * Resolves after `ms`, at once if that is 0: a timer of a tab in the background may wait for a minute. Rejects with the signal's reason as soon as that
 * aborts.
 */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (ms === 0) {
      if (signal.aborted) reject(reasonOf(signal))
      else resolve()
      return
    }
    const cancel = clock.schedule(ms, () => {
      leave()
      resolve()
    })
    const leave = onAbort(signal, () => {
      cancel()
      reject(reasonOf(signal))
    })
  })
}
