import { pushable, type Pushable } from 'it-pushable'
import type { ConversationId } from '../codec/ids.js'
import { onAbort } from '../on-abort.js'
import type { Message } from './messenger.js'

/** Live readers of conversations: apart from the public events, so that no listener of an app can disturb them. */
export class Tail {
  readonly #readers = new Map<Pushable<Message>, ConversationId>()
  #isClosed = false

  /** Messages of a conversation from now on, until `signal` aborts, its contact is removed or the messenger closes. */
  open(id: ConversationId, signal: AbortSignal | undefined): Pushable<Message> {
    let release = (): void => undefined
    const reader = pushable<Message>({
      objectMode: true,
      onEnd: () => {
        this.#readers.delete(reader)
        release()
      }
    })
    this.#readers.set(reader, id)
    release = onAbort(signal, () => {
      reader.end()
    })
    // Whoever was given it before may read it only now.
    if (this.#isClosed) reader.end()
    return reader
  }

  push(message: Message): void {
    for (const [reader, id] of this.#readers) if (id === message.conversationId) reader.push(message)
  }

  /** No more messages of this conversation will come. */
  end(id: ConversationId): void {
    for (const [reader, read] of this.#readers) if (read === id) reader.end()
  }

  close(): void {
    this.#isClosed = true
    for (const reader of this.#readers.keys()) reader.end()
  }
}
