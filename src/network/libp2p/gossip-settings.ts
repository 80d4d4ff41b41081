import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { TopicScoreParams } from '@libp2p/gossipsub/score'
import { MAX_INBOUND_GOSSIP_STREAMS, MAX_STREAM_BUFFER, MIN_UNWANTED_BYTES } from '../limits.js'

/**
 * gossipsub as every node of a Hallig network must run it. Envelopes authenticate themselves, so messages carry neither
 * signature nor author (four times the speed, and nobody is named); the id is the hash of the bytes.
 */
export function gossipSettings(
  topics: readonly string[],
  hash: (bytes: Uint8Array) => Uint8Array
): Partial<GossipsubOpts> {
  return {
    globalSignaturePolicy: 'StrictNoSign',
    msgIdFn: (message) => hash(message.data),
    fallbackToFloodsub: false,
    // One peer-store write per topic and peer: seconds of stall with many topics.
    tagMeshPeers: false,
    floodPublish: true,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    emitSelf: false,
    doPX: false,
    // A relay bounds the bytes and the minutes of a link; what is cut off goes over the next.
    runOnLimitedConnection: true,
    // The leaves of a star (a hotspot) hear of everything only if the hub gossips to all of them.
    gossipFactor: 1,
    idontwantMinDataSize: MIN_UNWANTED_BYTES,
    maxOutboundBufferSize: MAX_STREAM_BUFFER,
    maxInboundStreams: MAX_INBOUND_GOSSIP_STREAMS,
    // Bounds every map that is kept per topic.
    allowedTopics: [...topics],
    decodeRpcLimits: {
      maxSubscriptions: 128,
      maxMessages: 256,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxControlMessages: 256,
      maxPeerInfos: 16
    },
    scoreParams: {
      // A shelter's NAT, a hotspot, a relay: many honest peers behind one address.
      IPColocationFactorWeight: 0,
      topics: Object.fromEntries(topics.map((topic) => [topic, topicScore()]))
    }
  }
}

/**
 * Punishes invalid parcels. Not silence: a quiet topic is no fault of its peers, so deliveries have no weight. The rest is as gossipsub has it, whole
 * here: asking gossipsub would load it, with 150 files in all, for commands that only look into a store.
 */
function topicScore(): TopicScoreParams {
  return {
    topicWeight: 0.5,
    timeInMeshWeight: 1,
    timeInMeshQuantum: 1,
    timeInMeshCap: 3_600,
    firstMessageDeliveriesWeight: 1,
    firstMessageDeliveriesDecay: 0.5,
    firstMessageDeliveriesCap: 2_000,
    meshMessageDeliveriesWeight: 0,
    meshMessageDeliveriesDecay: 0.5,
    meshMessageDeliveriesCap: 100,
    meshMessageDeliveriesThreshold: 20,
    meshMessageDeliveriesWindow: 10,
    meshMessageDeliveriesActivation: 5_000,
    meshFailurePenaltyWeight: 0,
    meshFailurePenaltyDecay: 0.5,
    invalidMessageDeliveriesWeight: -10,
    invalidMessageDeliveriesDecay: 0.9
  }
}
