import { TypedEventEmitter } from 'main-event'
import type { MessengerEvents } from './messenger.js'

type Detail<Name extends keyof MessengerEvents> = MessengerEvents[Name]['detail']

/**
 * The public events. Dispatched after the commit they report; nothing of the messenger listens here, because a listener that throws
 * ends a Node process.
 */
export class Events extends TypedEventEmitter<MessengerEvents> {
  #hasEnded = false

  /** Whether anybody listens: what nobody hears need not be read from the store. */
  hears(name: keyof MessengerEvents): boolean {
    return this.listenerCount(name) > 0
  }

  /** The messenger is closed: what it still waited for is told nobody any more. */
  end(): void {
    this.#hasEnded = true
  }

  emit<Name extends keyof MessengerEvents>(name: Name, detail: Detail<Name>): void {
    if (!this.#hasEnded) this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}
