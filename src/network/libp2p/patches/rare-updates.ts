import { withChangedMuxers, type Muxer, type YamuxFactory } from './changed-muxers.js'

type MuxedStream = Parameters<Muxer['onRemoteStream']>[0]

/** Bytes that come on a stream before the other side is told of room for more: half of the least window, of which it still has the other half. */
const TOLD_AFTER = 128 * 1024

/**
 * yamux that tells the other side now and then how much more a stream takes. Version 8 by itself tells it of each frame that comes: for every small
 * message another went back, to be sealed, sent and opened, which took a fifth of the processor's time that gossip takes.
 */
export function withRareUpdates(create: YamuxFactory): YamuxFactory {
  return withChangedMuxers(create, (muxer) => {
    const open = muxer.onCreateStream.bind(muxer)
    const take = muxer.onRemoteStream.bind(muxer)
    muxer.onCreateStream = () => updatedRarely(open())
    muxer.onRemoteStream = (stream) => {
      take(updatedRarely(stream))
    }
  })
}

function updatedRarely(stream: MuxedStream): MuxedStream {
  const receive = stream.handleData.bind(stream)
  const update = stream.sendWindowUpdate.bind(stream)
  // The first update also opens the stream, or takes it.
  let untold = Infinity
  stream.handleData = (frame) => {
    untold += frame.header.length
    receive(frame)
  }
  stream.sendWindowUpdate = () => {
    // Of a stream that is paused nothing is told: what came of it still has to be when it goes on.
    if (untold < TOLD_AFTER || stream.readStatus === 'paused') return
    untold = 0
    update()
  }
  return stream
}
