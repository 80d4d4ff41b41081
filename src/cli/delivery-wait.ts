import type { Message, MessageStatus, Messenger } from '../library.js'
import { pause } from './interruption.js'

/** Watches own messages until the recipient has them. */
export interface DeliveryWatch {
  /** The newest state known of a message. */
  latest(message: Message): Message
  /** Wait until none of `messages` is still under way, at most `ms` or until `signal` aborts. */
  settled(messages: readonly Message[], ms: number, signal: AbortSignal): Promise<void>
  end(): void
}

/** Start watching before sending, so that no answer is missed. */
export function watchDelivery(
  messenger: Pick<Messenger, 'addEventListener' | 'removeEventListener'>
): DeliveryWatch {
  const known = new Map<string, Message>()
  let check = (): void => undefined
  const onUpdate = (event: CustomEvent<Message>): void => {
    known.set(event.detail.id, event.detail)
    check()
  }
  messenger.addEventListener('message:update', onUpdate)
  const latest = (message: Message): Message => known.get(message.id) ?? message
  return {
    latest,
    async settled(messages, ms, signal) {
      const done = new AbortController()
      check = () => {
        if (messages.every((message) => hasArrived(latest(message).status))) done.abort()
      }
      check()
      await pause(ms, AbortSignal.any([signal, done.signal]))
    },
    end() {
      messenger.removeEventListener('message:update', onUpdate)
    }
  }
}

/** Whether nothing more is to be waited for. */
export function hasArrived(status: MessageStatus): boolean {
  return status === 'delivered' || status === 'read' || status === 'expired'
}
