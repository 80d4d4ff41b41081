import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'
import type { Clock } from '../../clock.js'
import { MessengerError } from '../../errors.js'
import {
  MAX_INBOUND_REQUEST_STREAMS,
  MAX_REQUEST_BYTES,
  MAX_RESPONSE_BYTES,
  REQUEST_TIMEOUT_MS
} from '../limits.js'
import type { NetworkHandlers } from '../network.js'
import { createDeadline } from './deadline.js'
import type { NetworkLogger } from './options.js'

/**
 * Direct requests: one request and one response, each length-prefixed, on a stream of its own. Whoever breaks a bound
 * or takes too long loses the stream and nothing else.
 */
export class Requests {
  readonly #clock: Clock
  readonly #logger: NetworkLogger | undefined
  /** The last request to a peer over a protocol, answered or not: the next one waits for it, as the peer takes few at once. */
  readonly #lanes = new Map<string, Promise<unknown>>()

  constructor(clock: Clock, logger: NetworkLogger | undefined) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Answer these protocols; the returned function stops that. */
  async handle(
    node: Libp2p,
    protocols: readonly string[],
    onRequest: NetworkHandlers['onRequest']
  ): Promise<() => Promise<void>> {
    const handled = [...protocols]
    await node.handle(handled, (stream, connection) => this.#answer(stream, connection, onRequest), {
      maxInboundStreams: MAX_INBOUND_REQUEST_STREAMS,
      runOnLimitedConnection: true
    })
    return () => node.unhandle(handled)
  }

  /** Ask over an open connection. Rejects with `NETWORK_FAILED` or `ABORTED`; the time to wait for a turn counts. */
  async send(
    connection: Connection,
    protocol: string,
    request: Uint8Array,
    caller?: AbortSignal
  ): Promise<Uint8Array> {
    const lane = `${connection.id} ${protocol}`
    const deadline = createDeadline(this.#clock, REQUEST_TIMEOUT_MS, caller)
    const before = this.#lanes.get(lane)
    const answer = Promise.resolve(before).then(() => ask(connection, protocol, request, deadline.signal))
    const settled = answer.then(
      () => undefined,
      () => undefined
    )
    this.#lanes.set(lane, settled)
    try {
      return await answer
    } catch (cause) {
      if (caller?.aborted === true) throw new MessengerError('ABORTED', 'The request was aborted', { cause })
      throw new MessengerError('NETWORK_FAILED', 'The peer did not answer the request', { cause })
    } finally {
      deadline.release()
      if (this.#lanes.get(lane) === settled) this.#lanes.delete(lane)
    }
  }

  async #answer(
    stream: Stream,
    connection: Connection,
    onRequest: NetworkHandlers['onRequest']
  ): Promise<void> {
    const deadline = createDeadline(this.#clock, REQUEST_TIMEOUT_MS)
    try {
      await withStream(stream, deadline.signal, async () => {
        const request = await readMessage(stream, MAX_REQUEST_BYTES)
        const response = await onRequest(stream.protocol, request, connection.remotePeer.toString())
        if (response === undefined || response.length > MAX_RESPONSE_BYTES)
          throw new Error('There is no answer')
        await writeMessage(stream, response, deadline.signal)
      })
    } catch (error) {
      this.#logger?.debug('a request was not answered', stream.protocol, error)
    } finally {
      deadline.release()
    }
  }
}

async function ask(
  connection: Connection,
  protocol: string,
  request: Uint8Array,
  signal: AbortSignal
): Promise<Uint8Array> {
  signal.throwIfAborted()
  const stream = await connection.newStream(protocol, {
    signal,
    runOnLimitedConnection: true,
    // Whether the peer speaks the protocol is known early enough by its answer.
    negotiateFully: false
  })
  return withStream(stream, signal, async () => {
    await writeMessage(stream, request, signal)
    return readMessage(stream, MAX_RESPONSE_BYTES)
  })
}

/** Closes the stream after the exchange; resets it if that fails or the time is up. */
async function withStream<Result>(
  stream: Stream,
  signal: AbortSignal,
  exchange: () => Promise<Result>
): Promise<Result> {
  const reset = (): void => {
    stream.abort(toError(signal.reason))
  }
  signal.addEventListener('abort', reset)
  try {
    // libp2p hands the stream over also where the signal was aborted while it was being opened.
    signal.throwIfAborted()
    const result = await exchange()
    await stream.close({ signal })
    return result
  } catch (error) {
    stream.abort(toError(error))
    throw error
  } finally {
    signal.removeEventListener('abort', reset)
  }
}

async function writeMessage(stream: Stream, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  if (!stream.send(encode.single(bytes))) await stream.onDrain({ signal })
}

/** The first message on the stream; throws if it is longer than `maxDataLength` or never comes. */
async function readMessage(stream: Stream, maxDataLength: number): Promise<Uint8Array> {
  return pipe(
    stream,
    (source) => decode(source, { maxDataLength }),
    async (messages: AsyncIterable<Uint8ArrayList>) => {
      for await (const message of messages) return message.slice()
      throw new Error('The stream ended without a message')
    }
  )
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}
