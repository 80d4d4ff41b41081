import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { Clock } from '../../clock.js'
import { MessengerError } from '../../errors.js'
import { MAX_INBOUND_REQUEST_STREAMS, MAX_STREAM_MESSAGE, REQUEST_TIMEOUT_MS } from '../limits.js'
import { MessageInbox, streamBroken } from '../message-inbox.js'
import type { NetworkHandlers, PeerName, PeerStream } from '../network.js'
import { createDeadline } from './deadline.js'

/** Take streams of these protocols; the returned function stops that. */
export async function handleStreams(
  node: Libp2p,
  protocols: readonly string[],
  onStream: NetworkHandlers['onStream']
): Promise<() => Promise<void>> {
  const handled = [...protocols]
  const take = (stream: Stream, connection: Connection): void => {
    onStream(stream.protocol, new Libp2pPeerStream(stream, connection.remotePeer.toString()))
  }
  await node.handle(handled, take, {
    maxInboundStreams: MAX_INBOUND_REQUEST_STREAMS,
    runOnLimitedConnection: true
  })
  return () => node.unhandle(handled)
}

/** Open a stream over a connection. Rejects with `NETWORK_FAILED` or `ABORTED`. */
export async function openStream(
  connection: Connection,
  protocol: string,
  clock: Clock,
  caller?: AbortSignal
): Promise<PeerStream> {
  const deadline = createDeadline(clock, REQUEST_TIMEOUT_MS, caller)
  try {
    deadline.signal.throwIfAborted()
    const stream = await connection.newStream(protocol, {
      signal: deadline.signal,
      runOnLimitedConnection: true,
      negotiateFully: false
    })
    if (deadline.signal.aborted) stream.abort(new Error('It was given up while it was being opened'))
    // libp2p hands the stream over all the same.
    deadline.signal.throwIfAborted()
    return new Libp2pPeerStream(stream, connection.remotePeer.toString())
  } catch (cause) {
    if (caller?.aborted === true)
      throw new MessengerError('ABORTED', 'Opening the stream was aborted', { cause })
    throw new MessengerError('NETWORK_FAILED', 'The peer takes no such stream', { cause })
  } finally {
    deadline.release()
  }
}

/** Messages on a libp2p stream, each after its length as an unsigned varint. */
class Libp2pPeerStream implements PeerStream {
  readonly peer: PeerName
  readonly #stream: Stream
  readonly #inbox = new MessageInbox()

  constructor(stream: Stream, peer: PeerName) {
    this.#stream = stream
    this.peer = peer
    this.#read().then(
      () => {
        this.#inbox.close()
      },
      () => {
        this.abort()
      }
    )
  }

  async send(message: Uint8Array): Promise<void> {
    if (message.length > MAX_STREAM_MESSAGE)
      throw new MessengerError('TOO_LARGE', 'The message is longer than a stream carries')
    try {
      if (!this.#stream.send(encode.single(message))) await this.#stream.onDrain()
    } catch (cause) {
      this.abort()
      throw streamBroken(cause)
    }
  }

  receive(): Promise<Uint8Array | undefined> {
    return this.#inbox.take()
  }

  async close(): Promise<void> {
    try {
      await this.#stream.close()
    } catch (cause) {
      this.abort()
      throw streamBroken(cause)
    }
  }

  abort(): void {
    this.#inbox.break()
    this.#stream.abort(new Error('The stream was given up'))
  }

  /** Takes what arrives as it arrives: libp2p's streams hold nobody back, so who sends more than was asked for loses the stream. */
  async #read(): Promise<void> {
    await pipe(
      this.#stream,
      (source) => decode(source, { maxDataLength: MAX_STREAM_MESSAGE }),
      async (messages: AsyncIterable<Uint8ArrayList>) => {
        for await (const message of messages) {
          if (!this.#inbox.push(message.slice())) throw new Error('Too much is unread')
        }
      }
    )
    if (this.#stream.status === 'aborted' || this.#stream.status === 'reset')
      throw new Error('The stream was reset')
  }
}
