import '../../src/platform/polyfill.js'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { gossipsub } from '@libp2p/gossipsub'
import type { GossipSub, GossipsubOpts } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import type { Libp2p } from '@libp2p/interface'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import type { Libp2pOptions } from 'libp2p'
import { gossipSettings } from '../../src/network/libp2p/gossip-settings.js'
import { TOPIC, sha256 } from './network-libp2p.js'

export interface RawServices extends Record<string, unknown> {
  readonly identify: Identify
  readonly pubsub: GossipSub
}

/** A libp2p node that is not of our making: it obeys no bound but those given here. */
export function createRawPeer(
  gossip: Partial<GossipsubOpts> = {},
  announce: readonly string[] = [],
  connectionManager: NonNullable<Libp2pOptions['connectionManager']> = {},
  createGossip: typeof gossipsub = gossipsub
): Promise<Libp2p<RawServices>> {
  return createLibp2p<RawServices>({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'], announce: [...announce] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager,
    services: {
      identify: identify(),
      pubsub: createGossip({ ...gossipSettings([TOPIC], sha256), ...gossip })
    }
  })
}

/** An address of the peer on the loopback interface. */
export function rawAddress(peer: Libp2p): string {
  return peer.getMultiaddrs()[0]?.toString() ?? ''
}
