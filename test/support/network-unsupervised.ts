import { multiaddr } from '@multiformats/multiaddr'
import { signingPublicKey } from '../../src/crypto/signature.js'
import type { Network } from '../../src/network/network.js'
import { HELD_PROTOCOL } from '../../src/messenger/carry/held-notices.js'
import { createLibp2pNetwork } from '../../src/network/libp2p/libp2p-network.js'
import { Pulse } from '../../src/network/libp2p/pulse.js'
import { topicName } from '../../src/protocol/envelope/topic.js'
import { BUNDLE_PROTOCOL } from '../../src/protocol/prekeys/bundle-request.js'
import { RECONCILE_PROTOCOL } from '../../src/protocol/sync/frames.js'
import { realClock, secureRandom, sha256 } from './network-libp2p.js'
import { startBareNode } from './network-node.js'

/** Who looks after lost links: the product does; with `none` what was dialled by hand is never dialled again, and nobody is found on the LAN. */
export type Supervision = 'full' | 'none'

/**
 * The network of a messenger over a node like its own, whose links nobody supervises: it shows what it is that supervision heals. The node stops
 * with it.
 */
export async function createUnsupervisedNetwork(
  networkName: string,
  listen: readonly string[]
): Promise<Network> {
  const options = {
    topics: [topicName(networkName)],
    networkName,
    protocols: [BUNDLE_PROTOCOL, HELD_PROTOCOL],
    streamProtocols: [RECONCILE_PROTOCOL],
    hash: sha256,
    signingPublicKey,
    random: secureRandom,
    clock: realClock,
    listen,
    lan: false
  }
  const libp2p = await startBareNode(options, listen)
  const network = createLibp2pNetwork({ ...options, libp2p })
  // It gives up links as a messenger's own node does.
  const pulse = new Pulse({ node: libp2p, clock: realClock, logger: undefined })
  return {
    async start(handlers) {
      await network.start(handlers)
      pulse.begin()
    },
    async stop() {
      pulse.stop()
      await network.stop()
      await libp2p.stop()
    },
    join: (topic) => {
      network.join(topic)
    },
    leave: (topic) => {
      network.leave(topic)
    },
    publish: (topic, envelope, how) => network.publish(topic, envelope, how),
    request: (peer, protocol, request, how) => network.request(peer, protocol, request, how),
    openStream: (peer, protocol, how) => network.openStream(peer, protocol, how),
    // The network's own `dial` would keep the link.
    dial: async (address, how) => (await libp2p.dial(multiaddr(address), how)).remotePeer.toString(),
    keep: () => undefined,
    peers: () => network.peers(),
    addresses: () => network.addresses()
  }
}
