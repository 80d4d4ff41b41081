import type { Logger } from './options.js'

/** The app's logger, but one that fails takes nothing with it: most of what is logged is logged where something else has just failed. */
export function guardedLogger(logger: Logger): Logger {
  const guard = (log: (...line: Parameters<Logger['warn']>) => unknown): Logger['warn'] => {
    return (...line) => {
      try {
        // An app may give a function that returns a promise, and nobody else waits for it.
        const logged = log(...line)
        if (logged instanceof Promise) logged.catch(() => undefined)
      } catch {
        // There is nobody left to tell.
      }
    }
  }
  return { debug: guard(logger.debug.bind(logger)), warn: guard(logger.warn.bind(logger)) }
}
