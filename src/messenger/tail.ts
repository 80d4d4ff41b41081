import { pushable, type Pushable } from 'it-pushable'
import type { ConversationId } from '../codec/ids.js'
import type { Message } from './messenger.js'

interface Reading {
  readonly id: ConversationId
  readonly signal: AbortSignal | undefined
}

/** Live readers of conversations: apart from the public events, so that no listener of an app can disturb them. */
export class Tail {
  readonly #readers = new Map<Pushable<Message>, Reading>()
  /** One for all readers: a signal takes it once, and Node warns of a leak where a signal has eleven listeners. */
  readonly #onAbort = (): void => {
    for (const [reader, { signal }] of this.#readers) if (signal?.aborted === true) reader.end()
  }

  /** Messages of a conversation from now on, until `signal` aborts, its contact is removed or the messenger closes. */
  open(id: ConversationId, signal: AbortSignal | undefined): Pushable<Message> {
    const reader = pushable<Message>({
      objectMode: true,
      onEnd: () => {
        this.#readers.delete(reader)
        const isShared = [...this.#readers.values()].some((other) => other.signal === signal)
        if (!isShared) signal?.removeEventListener('abort', this.#onAbort)
      }
    })
    this.#readers.set(reader, { id, signal })
    signal?.addEventListener('abort', this.#onAbort)
    if (signal?.aborted === true) reader.end()
    return reader
  }

  push(message: Message): void {
    for (const [reader, { id }] of this.#readers) if (id === message.conversationId) reader.push(message)
  }

  /** No more messages of this conversation will come. */
  end(id: ConversationId): void {
    for (const [reader, reading] of this.#readers) if (reading.id === id) reader.end()
  }

  close(): void {
    for (const reader of this.#readers.keys()) reader.end()
  }
}
