import { MessengerError } from '../errors.js'

/** Throws `ABORTED`, with the signal's reason as its cause, once `signal` is aborted. */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw aborted(signal)
}

export function aborted(signal: AbortSignal | undefined): MessengerError {
  return new MessengerError('ABORTED', 'Reading the store was aborted', { cause: signal?.reason })
}
