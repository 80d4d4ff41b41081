import type { GossipsubOpts } from '@libp2p/gossipsub'
import { sha256 } from '../crypto/hash.js'
import { gossipSettings } from '../network/libp2p/gossip-settings.js'
import { topicName } from '../protocol/envelope/topic.js'
import { checkNetworkName, DEFAULT_NETWORK_NAME } from './network-name.js'

/**
 * The settings of gossipsub for a libp2p node of the app's own that is passed to `createMessenger` for the network of this name. Other nodes
 * understand no other signature policy, message ids and topics; limits and scores are what keeps hostile peers small. Throws
 * `OPTIONS_INVALID` for what is no name of a network.
 *
 * @example
 * const libp2p = await createLibp2p({ services: { identify: identify(), pubsub: gossipsub(gossipsubOptions('harbour')) } })
 */
export function gossipsubOptions(networkName: string = DEFAULT_NETWORK_NAME): Partial<GossipsubOpts> {
  return gossipSettings([topicName(checkNetworkName(networkName))], (bytes) => sha256(bytes))
}
