import type { gossipsub } from '@libp2p/gossipsub'
import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { MAX_STREAM_BUFFER, MAX_UNFINISHED_BYTES } from '../../limits.js'
import { replacing } from './replacing.js'

type GossipFactory = ReturnType<typeof gossipsub>
type Registrar = Parameters<GossipFactory>[0]['registrar']

/** Bytes that arrive, in one piece or several. */
type Chunk = StreamMessageEvent['data']

/** Bytes of a length that a reader of frames looks at before it gives up. */
const MAX_LENGTH_BYTES = 8

/** gossipsub that holds at most {@link MAX_UNFINISHED_BYTES} of frames that have not come whole, of all peers together: by itself it holds 4 MiB of each stream. */
export function withWholeFrames(create: GossipFactory): GossipFactory {
  return (components) => {
    const watched = watching(components.registrar, new UnfinishedFrames())
    return create(replacing(components, 'registrar', watched))
  }
}

/** The same registrar, whose streams are watched from when they are handed over. */
function watching(registrar: Registrar, frames: UnfinishedFrames): Registrar {
  const handle: Registrar['handle'] = (protocol, handler, options) =>
    registrar.handle(
      protocol,
      (stream, connection) => {
        const handled = handler(stream, connection)
        frames.watch(stream, connection)
        return handled
      },
      options
    )
  return replacing(registrar, 'handle', handle)
}

interface Watched {
  readonly connection: Connection
  readonly progress: FrameProgress
  readonly forget: () => void
}

/** What has come of frames that are not whole, by stream. Over the bound the connection that holds the most is closed. */
class UnfinishedFrames {
  readonly #streams = new Set<Watched>()

  /** Bytes held. */
  get bytes(): number {
    let sum = 0
    for (const { progress } of this.#streams) sum += progress.held
    return sum
  }

  /** Look at what comes on a stream that somebody reads: whoever listens alone would take the bytes from the reader that comes later. */
  watch(stream: Stream, connection: Connection): void {
    if (stream.listenerCount('message') === 0) return
    const progress = new FrameProgress()
    const onMessage = ({ data }: StreamMessageEvent): void => {
      const before = progress.held
      // Its reader has given it up, and holds nothing any more.
      if (!progress.take(data)) watched.forget()
      else if (progress.held > before && this.bytes > MAX_UNFINISHED_BYTES) this.#closeLargest()
    }
    const watched: Watched = {
      connection,
      progress,
      forget: () => {
        stream.removeEventListener('message', onMessage)
        this.#streams.delete(watched)
      }
    }
    stream.addEventListener('message', onMessage)
    stream.addEventListener('close', watched.forget, { once: true })
    this.#streams.add(watched)
  }

  #closeLargest(): void {
    const held = new Map<Connection, number>()
    for (const { connection, progress } of this.#streams)
      held.set(connection, (held.get(connection) ?? 0) + progress.held)
    const [largest] = [...held].reduce((one, other) => (other[1] > one[1] ? other : one))
    for (const { connection, forget } of [...this.#streams]) if (connection === largest) forget()
    largest.abort(new Error('Too much of its frames has not come whole'))
  }
}

/** Where a stream of frames is, each an unsigned-varint length and that many bytes. */
export class FrameProgress {
  /** Bytes that came of a frame that is not whole, its length included. */
  held = 0
  /** Bytes it lacks; 0 while its length is read. */
  #lacking = 0
  #length = 0
  #lengthBytes = 0

  /** What comes next; `false` if it begins a frame that is longer than any may be. */
  take(chunk: Chunk): boolean {
    for (let at = 0; at < chunk.byteLength;) {
      if (this.#lacking > 0) {
        const step = Math.min(this.#lacking, chunk.byteLength - at)
        at += step
        this.held += step
        this.#lacking -= step
        if (this.#lacking === 0) this.held = 0
      } else if (!this.#readLength(byteOf(chunk, at++))) return false
    }
    return true
  }

  #readLength(byte: number): boolean {
    this.held++
    this.#length += (byte & 0x7f) * 2 ** (7 * this.#lengthBytes)
    this.#lengthBytes++
    if (this.#length > MAX_STREAM_BUFFER || this.#lengthBytes > MAX_LENGTH_BYTES) return false
    if (byte >= 0x80) return true
    this.#lacking = this.#length
    this.#length = 0
    this.#lengthBytes = 0
    if (this.#lacking === 0) this.held = 0
    return true
  }
}

function byteOf(chunk: Chunk, at: number): number {
  return chunk instanceof Uint8Array ? (chunk[at] ?? 0) : chunk.get(at)
}
