import { pushable, type Pushable } from 'it-pushable'
import type { ConversationId } from '../codec/ids.js'
import type { Message } from './messenger.js'

/** Live readers of conversations: apart from the public events, so that no listener of an app can disturb them. */
export class Tail {
  readonly #readers = new Map<Pushable<Message>, ConversationId>()

  /** Messages of a conversation from now on, until `signal` aborts, its contact is removed or the messenger closes. */
  open(id: ConversationId, signal: AbortSignal | undefined): Pushable<Message> {
    const reader = pushable<Message>({
      objectMode: true,
      onEnd: () => {
        this.#readers.delete(reader)
        signal?.removeEventListener('abort', stop)
      }
    })
    const stop = (): void => {
      reader.end()
    }
    this.#readers.set(reader, id)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    return reader
  }

  push(message: Message): void {
    for (const [reader, id] of this.#readers) if (id === message.conversationId) reader.push(message)
  }

  /** No more messages of this conversation will come. */
  end(id: ConversationId): void {
    for (const [reader, of] of this.#readers) if (of === id) reader.end()
  }

  close(): void {
    for (const reader of this.#readers.keys()) reader.end()
  }
}
