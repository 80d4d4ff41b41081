import { MessengerError } from '../errors.js'
import { MAX_STREAM_UNREAD, MAX_UNREAD_MESSAGES } from './limits.js'

/** Messages of a stream that arrived and were not taken yet, with whoever waits for the next. */
export class MessageInbox {
  readonly #messages: Uint8Array[] = []
  readonly #waiting: {
    resolve: (message: Uint8Array | undefined) => void
    reject: (error: Error) => void
  }[] = []
  #unread = 0
  #end: 'open' | 'closed' | 'broken' = 'open'

  /** A message arrived. `false` if too much is unread: then the stream is to be broken. */
  push(message: Uint8Array): boolean {
    if (this.#end !== 'open') return true
    const waiting = this.#waiting.shift()
    if (waiting !== undefined) {
      waiting.resolve(message)
      return true
    }
    this.#unread += message.length
    this.#messages.push(message)
    return this.#unread <= MAX_STREAM_UNREAD && this.#messages.length <= MAX_UNREAD_MESSAGES
  }

  /** The other side sends no more. */
  close(): void {
    if (this.#end === 'open') this.#end = 'closed'
    for (const { resolve } of this.#waiting.splice(0)) resolve(undefined)
  }

  /** The stream is broken: what was not taken is gone. */
  break(): void {
    this.#end = 'broken'
    this.#messages.length = 0
    this.#unread = 0
    for (const { reject } of this.#waiting.splice(0)) reject(streamBroken())
  }

  /** The next message; `undefined` once the other side has closed. Rejects with `NETWORK_FAILED` if the stream broke. */
  take(): Promise<Uint8Array | undefined> {
    if (this.#end === 'broken') return Promise.reject(streamBroken())
    const message = this.#messages.shift()
    this.#unread -= message?.length ?? 0
    if (message !== undefined || this.#end === 'closed') return Promise.resolve(message)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
    })
  }
}

export function streamBroken(cause?: unknown): MessengerError {
  return new MessengerError('NETWORK_FAILED', 'The stream to the peer is broken', { cause })
}
