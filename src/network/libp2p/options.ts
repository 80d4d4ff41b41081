import type { Libp2p } from '@libp2p/interface'
import type { Clock } from '../../clock.js'

export interface Libp2pNetworkOptions {
  /** Every topic that may ever be joined: gossip about others is ignored. At most 64, short names. */
  readonly topics: readonly string[]
  /** Only nodes of the same network name find each other on the LAN. */
  readonly networkName: string
  /** Protocols of direct requests this node answers, such as `/hallig/bundle/1.0.0`. */
  readonly protocols: readonly string[]
  /** Protocols of streams this node takes, such as `/hallig/reconcile/1.0.0`. */
  readonly streamProtocols: readonly string[]
  /** SHA-256, synchronous: the id of a gossip message is the hash of its bytes. */
  readonly hash: (bytes: Uint8Array) => Uint8Array
  /** The Ed25519 public key of a seed: libp2p would compute it in JavaScript, the longest step of a start. */
  readonly signingPublicKey: (seed: Uint8Array) => Uint8Array
  /** Cryptographically secure random bytes. */
  readonly random: (length: number) => Uint8Array
  readonly clock: Clock
  /**
   * Multiaddrs to listen on. Not given: TCP and WebSocket on any free port of every interface; a browser listens nowhere.
   * `<address of a relay with its peer id>/p2p-circuit`: be reached through that relay, whenever it is there.
   */
  readonly listen?: readonly string[]
  /** Multiaddrs of nodes to link to from the start and for ever. */
  readonly bootstrap?: readonly string[]
  /** Whether to be a relay: others may be reached through this node. False if not given. */
  readonly relay?: boolean
  /** Whether to find nodes on the LAN by multicast; true if not given. A browser cannot. */
  readonly lan?: boolean
  /** 32 bytes that decide the peer id, to keep it across restarts; a new one for each start if not given. */
  readonly peerSeed?: Uint8Array
  /**
   * A started libp2p node to use instead of an own one. It must have gossipsub as `services.pubsub`, made with
   * {@link gossipSettings} (else ids and limits differ from the other nodes'), and identify. It is neither started,
   * configured nor stopped here: `listen`, `relay` and `peerSeed` are not used, its connections stay when the network stops.
   */
  readonly libp2p?: Libp2p
  readonly logger?: NetworkLogger
}

/** Where the network writes what an operator may want to know: never content, never keys. */
export interface NetworkLogger {
  debug(message: string, ...details: readonly unknown[]): void
}
