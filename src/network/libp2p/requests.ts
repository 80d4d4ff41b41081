import type { Connection, Libp2p, Stream } from '@libp2p/interface'
import { decode, encode } from 'it-length-prefixed'
import { pipe } from 'it-pipe'
import type { Uint8ArrayList } from 'uint8arraylist'
import { MessengerError } from '../../errors.js'
import {
  MAX_INBOUND_REQUEST_STREAMS,
  MAX_REQUEST_BYTES,
  MAX_RESPONSE_BYTES,
  REQUEST_TIMEOUT_MS
} from '../limits.js'
import type { NetworkHandlers } from '../network.js'

/** One request and one response, each length-prefixed, on a stream of its own. */
export async function answerRequest(
  stream: Stream,
  connection: Connection,
  onRequest: NetworkHandlers['onRequest']
): Promise<void> {
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const abort = (): void => {
    stream.abort(new Error('The request took too long'))
  }
  signal.addEventListener('abort', abort)
  try {
    const request = await readMessage(stream, MAX_REQUEST_BYTES)
    const response = await onRequest(stream.protocol, request, connection.remotePeer.toString())
    if (response === undefined || response.length > MAX_RESPONSE_BYTES) {
      stream.abort(new Error('No answer'))
      return
    }
    await writeMessage(stream, response, signal)
    await stream.close({ signal })
  } catch (error) {
    stream.abort(error instanceof Error ? error : new Error(String(error)))
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Register the protocols; the returned function takes them back. */
export async function handleRequests(
  node: Libp2p,
  protocols: readonly string[],
  onRequest: NetworkHandlers['onRequest']
): Promise<() => Promise<void>> {
  const handled = [...protocols]
  await node.handle(handled, (stream, connection) => answerRequest(stream, connection, onRequest), {
    maxInboundStreams: MAX_INBOUND_REQUEST_STREAMS,
    maxOutboundStreams: MAX_INBOUND_REQUEST_STREAMS
  })
  return () => node.unhandle(handled)
}

/** Ask over an open connection. Rejects with `NETWORK_FAILED`, `ABORTED` or `TOO_LARGE`. */
export async function sendRequest(
  connection: Connection,
  protocol: string,
  request: Uint8Array,
  signal?: AbortSignal
): Promise<Uint8Array> {
  const deadline = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  const limit = signal === undefined ? deadline : AbortSignal.any([deadline, signal])
  let stream: Stream | undefined
  const abort = (): void => {
    stream?.abort(new Error('The request was given up'))
  }
  limit.addEventListener('abort', abort)
  try {
    stream = await connection.newStream(protocol, { signal: limit })
    await writeMessage(stream, request, limit)
    const response = await readMessage(stream, MAX_RESPONSE_BYTES)
    await stream.close({ signal: limit })
    return response
  } catch (cause) {
    stream?.abort(cause instanceof Error ? cause : new Error(String(cause)))
    if (signal?.aborted === true) throw new MessengerError('ABORTED', 'The request was aborted', { cause })
    throw new MessengerError('NETWORK_FAILED', 'The peer did not answer the request', { cause })
  } finally {
    limit.removeEventListener('abort', abort)
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
