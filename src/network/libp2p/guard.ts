import type { GossipSub } from '@libp2p/gossipsub'
import type { Identify } from '@libp2p/identify'
import type { Connection, Libp2p, PeerId } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import { GUARD_CHECK_MS, LOST_AFTER_MS, MUTED_AFTER_MS, SLEEP_GAP_MS } from '../limits.js'
import type { PeerName } from '../network.js'
import { createDeadline } from './deadline.js'
import type { Gatekeeper } from './gatekeeper.js'
import type { Gossip } from './gossip.js'
import { dropDead } from './liveness.js'
import { Offences } from './offences.js'
import type { NetworkLogger } from './options.js'

/** gossipsub ignores whom it scores below this (its default graylist threshold), but keeps the connection. */
const GRAYLIST_SCORE = -80

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

/**
 * Closes connections that harm or do not work: of peers that send malformed or oversize parcels, of those gossipsub has
 * graylisted, and of those whose gossip streams are gone. A frame over the receiver's limit mutes a link for good, and
 * so does the end of one of two connections to a peer: gossipsub opens its streams when a peer connects, never again.
 */
export class Guard {
  readonly #options: GuardOptions
  readonly #offences: Offences
  /** Since when gossip has not flowed between us and a connected peer, and whether it ever did. */
  readonly #silences = new Map<PeerName, { readonly since: number | undefined; readonly worked: boolean }>()
  readonly #timers = new Set<() => void>()
  #checkedAt = 0

  constructor(options: GuardOptions) {
    this.#options = options
    this.#offences = new Offences(options.clock)
  }

  begin(): void {
    const { node, clock } = this.#options
    node.addEventListener('connection:open', this.#onOpen)
    node.addEventListener('connection:close', this.#onClose)
    this.#checkedAt = clock.now()
    this.#scheduleChecks()
  }

  stop(): void {
    const { node } = this.#options
    node.removeEventListener('connection:open', this.#onOpen)
    node.removeEventListener('connection:close', this.#onClose)
    for (const cancel of this.#timers) cancel()
    this.#timers.clear()
  }

  /** A peer sent something no honest node sends. */
  offence(peer: PeerName): void {
    if (this.#offences.record(peer)) this.#expel(peer, 'malformed parcels')
  }

  /** Close, now, the connections that do not answer any more. */
  probe(connections: readonly Connection[] = this.#options.node.getConnections()): void {
    dropDead(connections, this.#options.clock, this.#options.logger).catch(this.#onFailure)
  }

  /** Who connects anew may have moved: its older connection is then dead, and gossip would go on flowing into it. */
  readonly #onOpen = ({ detail: opened }: CustomEvent<Connection>): void => {
    const others = this.#options.node.getConnections(opened.remotePeer).filter(({ id }) => id !== opened.id)
    if (others.length > 0) this.probe(others)
  }

  /** Gossip ran over one connection; if that was the one that closed, it must be begun anew over another. */
  readonly #onClose = ({ detail: { remotePeer } }: CustomEvent<Connection>): void => {
    const { node, clock } = this.#options
    const left = node.getConnections(remotePeer).at(-1)
    if (left === undefined) return
    this.#silences.set(remotePeer.toString(), { since: clock.now(), worked: true })
    this.#revive(left).catch(this.#onFailure)
    this.#schedule(LOST_AFTER_MS, () => {
      this.#check().catch(this.#onFailure)
    })
  }

  /** Identifying a peer makes gossipsub greet it again, as if it had just connected. */
  async #revive(connection: Connection): Promise<void> {
    const { identify } = this.#options.node.services
    if (!canIdentify(identify)) return
    const deadline = createDeadline(this.#options.clock, LOST_AFTER_MS)
    try {
      await identify.identify(connection, { signal: deadline.signal })
    } finally {
      deadline.release()
    }
  }

  readonly #onFailure = (error: unknown): void => {
    this.#options.logger?.debug('looking after connections failed', error)
  }

  #scheduleChecks(): void {
    this.#schedule(GUARD_CHECK_MS, () => {
      this.#scheduleChecks()
      const now = this.#options.clock.now()
      if (now - this.#checkedAt > GUARD_CHECK_MS + SLEEP_GAP_MS) this.#options.onResume()
      this.#checkedAt = now
      this.#check().catch(this.#onFailure)
    })
  }

  #schedule(delay: number, wake: () => void): void {
    const cancel = this.#options.clock.schedule(delay, () => {
      this.#timers.delete(cancel)
      wake()
    })
    this.#timers.add(cancel)
  }

  async #check(): Promise<void> {
    const { node, pubsub } = this.#options
    const peers = node.getPeers()
    const names = new Set(peers.map(String))
    for (const name of this.#silences.keys()) if (!names.has(name)) this.#silences.delete(name)
    for (const peer of peers) {
      if (scoreOf(pubsub, peer.toString()) < GRAYLIST_SCORE) this.#expel(peer.toString(), 'graylisted')
      else await this.#checkGossip(peer)
    }
  }

  async #checkGossip(peer: PeerId): Promise<void> {
    const { clock } = this.#options
    const name = peer.toString()
    if (this.#works(peer)) {
      this.#silences.set(name, { since: undefined, worked: true })
      return
    }
    if (!(await this.#speaksGossip(peer))) return
    const { since = clock.now(), worked = false } = this.#silences.get(name) ?? {}
    this.#silences.set(name, { since, worked })
    if (clock.now() - since < (worked ? LOST_AFTER_MS : MUTED_AFTER_MS)) return
    this.#silences.delete(name)
    this.#close(name, 'no gossip streams')
  }

  /** Whether gossip can flow both ways: the router has not dropped the peer, and there is a stream in each direction. */
  #works(peer: PeerId): boolean {
    const { node, pubsub, gossip } = this.#options
    const connections = node.getConnections(peer)
    const has = (direction: 'inbound' | 'outbound'): boolean =>
      connections.some((connection) => gossip.streamsOf(connection, direction).length > 0)
    return pubsub.getPeers().some((routed) => routed.equals(peer)) && has('inbound') && has('outbound')
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

function canIdentify(service: unknown): service is Pick<Identify, 'identify'> {
  return typeof service === 'object' && service !== null && 'identify' in service
}

/** gossipsub's score of a peer; not part of its declared interface, so 0 where it is missing. */
function scoreOf(pubsub: GossipSub, peer: PeerName): number {
  return hasScore(pubsub) ? pubsub.getScore(peer) : 0
}

function hasScore(pubsub: GossipSub): pubsub is GossipSub & { getScore(peer: string): number } {
  return 'getScore' in pubsub && typeof pubsub.getScore === 'function'
}
