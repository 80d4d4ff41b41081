import type { Clock } from '../../clock.js'

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
  const onAbort = (): void => {
    controller.abort(caller?.reason)
  }
  const cancel = clock.schedule(ms, () => {
    controller.abort(new Error(`It took longer than ${String(ms)} ms`))
  })
  caller?.addEventListener('abort', onAbort)
  if (caller?.aborted === true) onAbort()
  return {
    signal: controller.signal,
    end(reason) {
      controller.abort(reason)
    },
    release() {
      cancel()
      caller?.removeEventListener('abort', onAbort)
    }
  }
}

/** Resolves after `ms`; rejects with the signal's reason as soon as that aborts. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel()
      reject(signal.reason instanceof Error ? signal.reason : new Error('Aborted'))
    }
    const cancel = clock.schedule(ms, () => {
      signal.removeEventListener('abort', onAbort)
      resolve()
    })
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
  })
}
