import { describeNetwork } from '../../conformance/network.js'
import type { NetworkFixture } from '../../conformance/network.js'
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
