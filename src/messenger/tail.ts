import { pushable, type Pushable } from 'it-pushable'
import type { ConversationId } from '../codec/ids.js'
import type { Message } from './messenger.js'

/** Live readers of conversations: apart from the public events, so that no listener of an app can disturb them. */
export class Tail {
  readonly #readers = new Map<ConversationId, Set<Pushable<Message>>>()

  /** Messages of a conversation from now on, until `signal` aborts, its contact is removed or the messenger closes. */
  open(id: ConversationId, signal: AbortSignal | undefined): Pushable<Message> {
    const readers = this.#readers.get(id) ?? new Set<Pushable<Message>>()
    this.#readers.set(id, readers)
    const reader = pushable<Message>({
      objectMode: true,
      onEnd: () => {
        readers.delete(reader)
        signal?.removeEventListener('abort', stop)
      }
    })
    const stop = (): void => {
      reader.end()
    }
    readers.add(reader)
    signal?.addEventListener('abort', stop)
    if (signal?.aborted === true) stop()
    return reader
  }

  push(message: Message): void {
    for (const reader of this.#readers.get(message.conversationId) ?? []) reader.push(message)
  }

  /** Whether anybody reads this conversation live. */
  isRead(id: ConversationId): boolean {
    return (this.#readers.get(id)?.size ?? 0) > 0
  }

  /** No more messages of this conversation will come. */
  end(id: ConversationId): void {
    for (const reader of [...(this.#readers.get(id) ?? [])]) reader.end()
    this.#readers.delete(id)
  }

  close(): void {
    for (const id of [...this.#readers.keys()]) this.end(id)
  }
}
