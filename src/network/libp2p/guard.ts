import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import {
  MAX_DENIED_PEERS,
  MAX_OFFENCES,
  MUTED_AFTER_MS,
  MUTED_CHECK_MS,
  OFFENCE_WINDOW_MS,
  PROBE_TIMEOUT_MS,
  SLEEP_GAP_MS
} from '../limits.js'
import type { PeerName } from '../network.js'
import { createDeadline } from './deadline.js'
import type { Gatekeeper } from './gatekeeper.js'
import type { Gossip } from './gossip.js'
import type { NetworkLogger } from './options.js'

/** gossipsub ignores whom it scores below this (its default graylist threshold), but keeps the connection. */
const GRAYLIST_SCORE = -80
/** What every libp2p node speaks. */
const PING_PROTOCOL = '/ipfs/ping/1.0.0'

export interface GuardOptions {
  readonly node: Libp2p
  readonly pubsub: GossipSub
  readonly gossip: Gossip
  readonly gatekeeper: Gatekeeper
  readonly clock: Clock
  readonly logger: NetworkLogger | undefined
  /** The device slept: its connections may be dead without knowing. */
  readonly onResume: () => void
}

interface Offences {
  readonly since: number
  readonly count: number
}

/**
 * Closes connections that harm or do not work: of peers that send malformed or oversize parcels, of those gossipsub has
 * graylisted, and of those whose gossip streams are gone (a frame over the receiver's limit mutes a link for good, and
 * the sender cannot see it).
 */
export class Guard {
  readonly #options: GuardOptions
  readonly #offences = new Map<PeerName, Offences>()
  /** Since when a connected peer has had no gossip stream in one of the directions. */
  readonly #mutedSince = new Map<PeerName, number>()
  #cancelCheck: () => void = () => undefined
  #checkedAt = 0

  constructor(options: GuardOptions) {
    this.#options = options
  }

  begin(): void {
    this.#checkedAt = this.#options.clock.now()
    this.#scheduleCheck()
  }

  stop(): void {
    this.#cancelCheck()
  }

  /** A peer sent something no honest node sends. One may be an accident; many within the window are not. */
  offence(peer: PeerName): void {
    const now = this.#options.clock.now()
    const known = this.#offences.get(peer)
    const isRecent = known !== undefined && now - known.since < OFFENCE_WINDOW_MS
    const offences = isRecent ? { since: known.since, count: known.count + 1 } : { since: now, count: 1 }
    this.#offences.delete(peer)
    this.#offences.set(peer, offences)
    if (offences.count === MAX_OFFENCES) this.#expel(peer, 'malformed parcels')
    if (this.#offences.size > MAX_DENIED_PEERS) {
      for (const oldest of this.#offences.keys()) {
        this.#offences.delete(oldest)
        return
      }
    }
  }

  /** Have every connection negotiate a stream, and close those that cannot in time: the connection monitor needs half a minute. */
  probe(): void {
    const { node, logger } = this.#options
    for (const connection of node.getConnections()) {
      this.#probe(connection).catch((error: unknown) => {
        logger?.debug('a connection did not answer', connection.remotePeer.toString(), error)
        connection.abort(new Error('The connection did not answer'))
      })
    }
  }

  async #probe(connection: Connection): Promise<void> {
    const deadline = createDeadline(this.#options.clock, PROBE_TIMEOUT_MS)
    try {
      const stream = await connection.newStream(PING_PROTOCOL, {
        signal: deadline.signal,
        runOnLimitedConnection: true
      })
      await stream.close({ signal: deadline.signal })
    } catch (error) {
      // To refuse a protocol is an answer.
      if (!(error instanceof Error) || error.name !== 'UnsupportedProtocolError') throw error
    } finally {
      deadline.release()
    }
  }

  #scheduleCheck(): void {
    this.#cancelCheck = this.#options.clock.schedule(MUTED_CHECK_MS, () => {
      this.#scheduleCheck()
      const now = this.#options.clock.now()
      if (now - this.#checkedAt > MUTED_CHECK_MS + SLEEP_GAP_MS) this.#options.onResume()
      this.#checkedAt = now
      this.#check().catch((error: unknown) => {
        this.#options.logger?.debug('looking after connections failed', error)
      })
    })
  }

  async #check(): Promise<void> {
    const { node, pubsub } = this.#options
    const peers = node.getPeers()
    const names = new Set(peers.map(String))
    for (const name of this.#mutedSince.keys()) if (!names.has(name)) this.#mutedSince.delete(name)
    for (const peer of peers) {
      if (scoreOf(pubsub, peer.toString()) < GRAYLIST_SCORE)
        this.#expel(peer.toString(), 'graylisted by gossipsub')
      else await this.#checkStreams(peer)
    }
  }

  async #checkStreams(peer: PeerId): Promise<void> {
    const { node, gossip, clock } = this.#options
    const name = peer.toString()
    const connections = node.getConnections(peer)
    const has = (direction: 'inbound' | 'outbound'): boolean =>
      connections.some((connection) => gossip.streamsOf(connection, direction).length > 0)
    if ((has('inbound') && has('outbound')) || !(await this.#speaksGossip(peer))) {
      this.#mutedSince.delete(name)
      return
    }
    const since = this.#mutedSince.get(name) ?? clock.now()
    this.#mutedSince.set(name, since)
    if (clock.now() - since < MUTED_AFTER_MS) return
    this.#mutedSince.delete(name)
    this.#close(name, 'no gossip streams')
  }

  async #speaksGossip(peer: PeerId): Promise<boolean> {
    const { node, pubsub } = this.#options
    if (!(await node.peerStore.has(peer))) return false
    const { protocols } = await node.peerStore.get(peer)
    return protocols.some((protocol) => pubsub.protocols.includes(protocol))
  }

  #expel(peer: PeerName, reason: string): void {
    this.#options.gatekeeper.deny(peer)
    this.#close(peer, reason)
  }

  #close(name: PeerName, reason: string): void {
    this.#options.logger?.debug('closing the connections of a peer', name, reason)
    for (const connection of this.#options.node.getConnections()) {
      if (connection.remotePeer.toString() === name) connection.abort(new Error(reason))
    }
  }
}

/** gossipsub's score of a peer; not part of its declared interface, so 0 where it is missing. */
function scoreOf(pubsub: GossipSub, peer: PeerName): number {
  return hasScore(pubsub) ? pubsub.getScore(peer) : 0
}

function hasScore(pubsub: GossipSub): pubsub is GossipSub & { getScore(peer: string): number } {
  return 'getScore' in pubsub && typeof pubsub.getScore === 'function'
}
