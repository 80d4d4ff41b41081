import type { Clock } from '../clock.js'
import { MessengerError } from '../errors.js'
import type { Logger } from './options.js'

/** The app's clock, but one that fails stops nothing: the system's takes its place for that once, and the logger is told the first time. */
export function guardedClock(clock: Clock, system: Clock, logger: Logger): Clock {
  let isTold = false
  const failed = (error: unknown): void => {
    if (isTold) return
    isTold = true
    logger.warn('the clock that was given fails; the system is asked instead', {
      reason: error instanceof Error ? error.message : String(error)
    })
  }
  return {
    now() {
      try {
        return checkTime(clock.now())
      } catch (error) {
        failed(error)
        return system.now()
      }
    },
    schedule(delay, wake) {
      let isOver = false
      const once = (): void => {
        if (isOver) return
        isOver = true
        wake()
      }
      try {
        const cancel = clock.schedule(delay, once)
        return () => {
          isOver = true
          try {
            cancel()
          } catch (error) {
            failed(error)
          }
        }
      } catch (error) {
        failed(error)
        return system.schedule(delay, once)
      }
    }
  }
}

/** Throws `OPTIONS_INVALID` for what is no time: everything that expires would be wrong, and kept so. */
export function checkTime(now: unknown): number {
  if (typeof now === 'number' && Number.isFinite(now)) return now
  throw new MessengerError(
    'OPTIONS_INVALID',
    'The now() of a clock gives epoch milliseconds, as Date.now() does'
  )
}
