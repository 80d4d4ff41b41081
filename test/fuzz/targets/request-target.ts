import type { Connection, Libp2p, Stream, StreamHandler } from '@libp2p/interface'
import { Requests } from '../../../src/network/libp2p/requests.js'
import { MAX_REQUEST_BYTES } from '../../../src/network/limits.js'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.js'
import { seeded } from '../../support/protocol-values.js'
import { promise, scaleOf, type FuzzTarget } from '../target.js'

const PROTOCOL = '/hallig/fuzz/1.0.0'
const random = seeded(0x5eed)

/** What a stream did at our end. */
interface Seen {
  readonly stream: Stream
  sent: number
  closed: number
  aborted: number
}

/** A stream whose other end sends these bytes in pieces and closes. */
function streamOf(bytes: Uint8Array, piece: number): Seen {
  const seen = { sent: 0, closed: 0, aborted: 0 }
  const stream = {
    protocol: PROTOCOL,
    async *[Symbol.asyncIterator]() {
      for (let at = 0; at < bytes.length; at += piece)
        yield await Promise.resolve(bytes.slice(at, at + piece))
    },
    send(): boolean {
      seen.sent += 1
      return true
    },
    close(): Promise<void> {
      seen.closed += 1
      return Promise.resolve()
    },
    abort(): void {
      seen.aborted += 1
    }
  }
  return Object.assign(seen, { stream: stream as unknown as Stream })
}

/** The handler that the requests of a node register. */
function createHandler(onRequest: (request: Uint8Array) => void): StreamHandler {
  let handler: StreamHandler | undefined
  const node = {
    handle: (_: string[], registered: StreamHandler) => {
      handler = registered
      return Promise.resolve()
    }
  }
  void new Requests(createVirtualClock(), undefined).handle(
    node as unknown as Libp2p,
    [PROTOCOL],
    (_, request) => {
      onRequest(request)
      return Promise.resolve(request.subarray(0, 4))
    }
  )
  if (handler === undefined) throw new Error('Nothing was registered')
  return handler
}

const requests: Uint8Array[] = []
const handler = createHandler((request) => requests.push(request))
const connection = { remotePeer: { toString: () => 'mallory' } } as unknown as Connection

function framed(length: number, content: Uint8Array): Uint8Array {
  const prefix: number[] = []
  let rest = length
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) prefix.push((rest % 128) | 0x80)
  return Uint8Array.from([...prefix, rest, ...content])
}

/** The length-prefixed path of a direct request: the first byte of an input says in what pieces the others arrive. */
export const requestTarget: FuzzTarget = {
  name: 'request',
  weight: 4,
  samples: [
    framed(0, random(0)),
    framed(3, random(3)),
    framed(300, random(300)),
    framed(10, random(3)),
    framed(MAX_REQUEST_BYTES, random(400)),
    framed(MAX_REQUEST_BYTES + 1, random(400)),
    framed(2 ** 53, random(20))
  ].map((bytes, index) => Uint8Array.from([index * 9, ...bytes])),
  maxLength: 2_000,
  async run(input) {
    requests.length = 0
    const seen = streamOf(input.subarray(1), 1 + (input[0] ?? 0))
    await handler(seen.stream, connection)
    const [request] = requests
    promise(requests.length <= 1, 'a stream carries one request')
    promise(request === undefined || request.length <= MAX_REQUEST_BYTES, 'a request has its bound')
    promise(seen.sent === requests.length, 'whoever asked is answered, and nobody else')
    promise(
      seen.closed === requests.length && (seen.aborted === 0) === (seen.closed === 1),
      'a stream ends once'
    )
    return request === undefined ? 'refused' : `taken: ${scaleOf(request.length)}`
  }
}
