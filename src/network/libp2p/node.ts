import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { gossipsub } from '@libp2p/gossipsub'
import type { GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import type { Identify } from '@libp2p/identify'
import type { ConnectionGater, Libp2p, PrivateKey } from '@libp2p/interface'
import { ping } from '@libp2p/ping'
import type { Ping } from '@libp2p/ping'
import { createLibp2p } from 'libp2p'
import { createTransports } from '#transports'
import { MessengerError } from '../../errors.js'
import { MAX_INBOUND_PER_HOST_AND_SECOND, MAX_INBOUND_STREAMS } from '../limits.js'
import { nearestFirst } from './addresses.js'
import { noiseAtOnce } from './patches/early-noise.js'
import { yamuxOfEarlyStreams } from './patches/early-streams.js'
import { withSecondGreetings } from './patches/gossip-again.js'
import { gossipSettings } from './gossip-settings.js'
import { withPromptStreams } from './patches/gossip-streams.js'
import type { Handshakes } from './handshakes.js'
import { withLiveStreams } from './patches/live-streams.js'
import type { Libp2pNetworkOptions } from './options.js'
import { withRareUpdates } from './patches/rare-updates.js'
import type { Punches } from './punching/punched-dials.js'
import type { RelayService } from './relay-service.js'
import type { Relays } from './relays.js'
import { withWholeFrames } from './patches/unfinished-frames.js'
import { noiseInWholeFrames } from './patches/whole-frames.js'

const PEER_SEED_BYTES = 32

/** The services a node of ours runs. */
export interface NodeServices extends Record<string, unknown> {
  readonly identify: Identify
  readonly ping: Ping
  readonly pubsub: GossipSub
}

/** What belongs to a node of ours beside its settings. */
export interface NodeParts {
  readonly gater: ConnectionGater
  readonly handshakes: Handshakes
  readonly sockets: readonly string[]
  readonly relays: Pick<Relays, 'transport'>
  readonly relayService: Pick<RelayService, 'load'>
  readonly punches: Punches
}

/** Create and start a libp2p node. Rejects with `ADDRESS_IN_USE`, `ADDRESS_INVALID` or `NETWORK_FAILED`. */
export async function startNode(
  options: Libp2pNetworkOptions,
  { gater, handshakes, sockets, relays, relayService, punches }: NodeParts
): Promise<Libp2p<NodeServices>> {
  try {
    return await createLibp2p<NodeServices>({
      privateKey: peerKey(options),
      // The agent version would tell strangers which runtime this is.
      nodeInfo: { userAgent: 'hallig' },
      addresses: { listen: [...sockets] },
      transports: [...createTransports(handshakes, options.clock, punches), await relays.transport()],
      connectionProtector: noiseAtOnce,
      connectionEncrypters: [noiseInWholeFrames()],
      streamMuxers: [withRareUpdates(yamuxOfEarlyStreams({ maxInboundStreams: MAX_INBOUND_STREAMS }))],
      connectionGater: gater,
      connectionManager: {
        // Whose place it is decides who knows contacts: by itself libp2p turns everybody down when strangers have them all.
        maxConnections: Infinity,
        inboundConnectionThreshold: MAX_INBOUND_PER_HOST_AND_SECOND,
        // The gatekeeper counts them: by itself libp2p turns everybody down when there are too many.
        maxIncomingPendingConnections: Infinity,
        addressSorter: (one, other) => nearestFirst(one.multiaddr, other.multiaddr)
      },
      // The pulse looks after that, at a fraction of the price.
      connectionMonitor: { enabled: false },
      services: {
        identify: identify(),
        ping: ping(),
        pubsub: withLiveStreams(
          withWholeFrames(
            withSecondGreetings(withPromptStreams(gossipsub(gossipSettings(options.topics, options.hash))))
          )
        ),
        ...(options.relay === true ? { relay: await relayService.load() } : {})
      }
    })
  } catch (cause) {
    throw startFailure(cause)
  }
}

/** libp2p keeps an Ed25519 key as its seed and the public key. */
function peerKey({ peerSeed, random, signingPublicKey }: Libp2pNetworkOptions): PrivateKey {
  const seed = peerSeed ?? random(PEER_SEED_BYTES)
  return privateKeyFromRaw(Uint8Array.of(...seed, ...signingPublicKey(seed)))
}

function startFailure(cause: unknown): MessengerError {
  const reason = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
  if (reason.includes('EADDRINUSE')) {
    return new MessengerError(
      'ADDRESS_IN_USE',
      'Another program uses this address; choose another port, or 0 for any',
      { cause }
    )
  }
  if (/EADDRNOTAVAIL|UnsupportedListenAddress|InvalidMultiaddr|InvalidParameters/.test(reason)) {
    return new MessengerError(
      'ADDRESS_INVALID',
      'This device cannot listen on one of the addresses; name one that it has, or 0.0.0.0, and a port that its user may open',
      {
        cause
      }
    )
  }
  return new MessengerError('NETWORK_FAILED', 'The network did not start', { cause })
}
