import type { Connection, Stream } from '@libp2p/interface'

/** Streams of a protocol that libp2p lets in by itself. */
export const GOSSIP_STREAMS = 32
/** Bytes of a frame of gossip that never becomes whole: a quarter of what one may have. */
export const UNFINISHED = 1024 * 1024

/** Open so many streams of each of these protocols, or as many as are let in, and send a part of a frame in each. */
export async function openUnfinished(
  connection: Connection,
  protocols: readonly string[],
  each: number
): Promise<Stream[]> {
  const streams: Stream[] = []
  const part = new Uint8Array(UNFINISHED)
  // The length of the frame, in 7 bits a byte: almost four times as long as what comes of it.
  part.set([0xff, 0xff, 0xff, 0x01])
  for (const protocol of protocols) {
    for (let n = 0; n < each; n += 1) {
      const stream = await connection
        .newStream(protocol, { maxOutboundStreams: 1_000 })
        .catch(() => undefined)
      if (stream?.status !== 'open') continue
      stream.send(part)
      streams.push(stream)
    }
  }
  return streams
}

/** Bytes of frames that the other side has taken and can do nothing with. */
export function swallowed(streams: readonly Stream[]): number {
  return streams
    .filter(({ status }) => status === 'open')
    .reduce((sum, { writeBufferLength }) => sum + UNFINISHED - writeBufferLength, 0)
}
