import { describeNetwork } from '../../conformance/network.js'
import type { NetworkFixture } from '../../conformance/network.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import { createRecorder } from '../../support/network-recorder.js'
import { PROTOCOL, STREAM_PROTOCOL, TOPIC, createTestNetwork } from '../../support/network-libp2p.js'
import { waitFor } from '../../support/network-wait.js'

function createFixture(listen: string): NetworkFixture {
  return {
    topic: TOPIC,
    protocol: PROTOCOL,
    streamProtocol: STREAM_PROTOCOL,
    // Port 9 is "discard": nobody listens there.
    deadAddress: '/ip4/127.0.0.1/tcp/9',
    create: () => Promise.resolve(createTestNetwork({ listen: [listen] })),
    until: (what, predicate) => waitFor(what, predicate, 10_000),
    breathe: () => new Promise((resolve) => setTimeout(resolve, 1)),
    quiet: () => new Promise((resolve) => setTimeout(resolve, 100)),
    close: () => Promise.resolve()
  }
}

describeNetwork('network/libp2p over TCP', () => createFixture('/ip4/127.0.0.1/tcp/0'))
describeNetwork('network/libp2p over WebSocket', () => createFixture('/ip4/127.0.0.1/tcp/0/ws'))

describe('network/libp2p', () => {
  it('links again to whom it was told to dial when that link is lost', async () => {
    const [network, other] = [createTestNetwork(), await createRawPeer()]
    try {
      await network.start(createRecorder().handlers)
      await network.dial(rawAddress(other))
      const [lost] = other.getConnections()
      await lost?.close()
      await waitFor(
        'the link to be back',
        () => {
          const [now] = other.getConnections()
          return now !== undefined && now.id !== lost?.id
        },
        5_000
      )
    } finally {
      await network.stop()
      await other.stop()
    }
  })
})
