import type { yamux } from '@chainsafe/libp2p-yamux'

export type YamuxFactory = ReturnType<typeof yamux>
export type Muxer = ReturnType<ReturnType<YamuxFactory>['createStreamMuxer']>

/** yamux each of whose muxers is handed to `change` before libp2p has it. */
export function withChangedMuxers(create: YamuxFactory, change: (muxer: Muxer) => void): YamuxFactory {
  return () => {
    const factory = create()
    const createMuxer = factory.createStreamMuxer.bind(factory)
    factory.createStreamMuxer = (connection) => {
      const muxer = createMuxer(connection)
      change(muxer)
      return muxer
    }
    return factory
  }
}
