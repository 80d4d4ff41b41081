import type { Clock } from '../../clock.js'

/** A signal that aborts when the time is up or when the caller's own signal does. */
export interface Deadline {
  readonly signal: AbortSignal
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
    release() {
      cancel()
      caller?.removeEventListener('abort', onAbort)
    }
  }
}
