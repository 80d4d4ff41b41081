import { MessengerError } from '../errors.js'
import { MAX_STREAM_MESSAGE } from './limits.js'
import { MessageInbox, streamBroken } from './message-inbox.js'
import type { PeerName, PeerStream } from './network.js'

/** Have `arrive` called when so many bytes have reached the peer, if they do, in the order they were sent. */
export type Carry = (bytes: number, arrive: () => void) => void

/** One end of a stream between two nodes of a memory network. */
export class MemoryStream implements PeerStream {
  readonly peer: PeerName
  readonly #carry: Carry
  readonly #onEnd: (stream: MemoryStream) => void
  readonly #inbox = new MessageInbox()
  #other: MemoryStream | undefined
  #isClosed = false
  #isBroken = false

  /** `onEnd` is called once, when nothing passes any more in either direction. */
  constructor(peer: PeerName, carry: Carry, onEnd: (stream: MemoryStream) => void) {
    this.peer = peer
    this.#carry = carry
    this.#onEnd = onEnd
  }

  static join(one: MemoryStream, other: MemoryStream): void {
    one.#other = other
    other.#other = one
  }

  send(message: Uint8Array): Promise<void> {
    if (message.length > MAX_STREAM_MESSAGE)
      return Promise.reject(new MessengerError('TOO_LARGE', 'The message is longer than a stream carries'))
    if (this.#isBroken || this.#isClosed) return Promise.reject(streamBroken())
    const copy = message.slice()
    this.#carry(copy.length, () => {
      const other = this.#other
      if (other !== undefined && !other.#inbox.push(copy)) other.abort()
    })
    return Promise.resolve()
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#inbox.take()
  }

  close(): Promise<void> {
    if (this.#isBroken) return Promise.reject(streamBroken())
    if (this.#isClosed) return Promise.resolve()
    this.#isClosed = true
    this.#carry(0, () => {
      const other = this.#other
      if (other === undefined) return
      other.#inbox.close()
      if (other.#isClosed) for (const end of [this, other]) end.#onEnd(end)
    })
    return Promise.resolve()
  }

  abort(): void {
    if (this.#isBroken) return
    this.fail()
    this.#carry(0, () => {
      this.#other?.fail()
    })
  }

  /** For the network: the link is gone. */
  fail(): void {
    if (this.#isBroken) return
    this.#isBroken = true
    this.#inbox.break()
    this.#onEnd(this)
  }
}
