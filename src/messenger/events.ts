import { TypedEventEmitter } from 'main-event'
import type { MessengerEvents } from './messenger.js'

type Detail<Name extends keyof MessengerEvents> = MessengerEvents[Name]['detail']

/**
 * The public events. Dispatched after the commit they report; nothing of the messenger listens here, because a listener that throws
 * ends a Node process.
 */
export class Events extends TypedEventEmitter<MessengerEvents> {
  /** Whether anybody listens: what nobody hears need not be read from the store. */
  hears(name: keyof MessengerEvents): boolean {
    return this.listenerCount(name) > 0
  }

  emit<Name extends keyof MessengerEvents>(name: Name, detail: Detail<Name>): void {
    this.dispatchEvent(new CustomEvent(name, { detail }))
  }
}
