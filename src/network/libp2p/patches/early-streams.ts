import { yamux } from '@chainsafe/libp2p-yamux'
import type { YamuxMuxerInit } from '@chainsafe/libp2p-yamux'
import type { NewStreamOptions, StreamMuxer } from '@libp2p/interface'
import { agreementOn, takeForGranted } from './agreement.js'
import { withChangedMuxers, type YamuxFactory } from './changed-muxers.js'

type OpenOptions = Parameters<StreamMuxer['createStream']>[0] & NewStreamOptions

/**
 * yamux whose streams, opened for one protocol with `negotiateFully: false`, can be written to before the other side has agreed to it. libp2p 3.3 has
 * that option, hands it to the muxer, and negotiates in full all the same; the muxer may say that it has seen to that itself.
 */
export function yamuxOfEarlyStreams(settings: YamuxMuxerInit): YamuxFactory {
  return withChangedMuxers(yamux(settings), (muxer) => {
    const open = muxer.createStream.bind(muxer)
    muxer.createStream = async (options: OpenOptions = {}) => {
      const stream = await open(options)
      const { protocol, negotiateFully = true } = options
      if (negotiateFully || protocol === undefined) return stream
      takeForGranted(stream, protocol)
      stream.send(agreementOn(protocol))
      stream.protocol = protocol
      return stream
    }
  })
}
