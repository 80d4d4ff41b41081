import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import { member } from '../../codec/member.js'
import { GOSSIP_NOTICE_MS, GUARD_CHECK_MS, MUTED_AFTER_MS, SLEEP_GAP_MS } from '../limits.js'
import type { PeerName } from '../network.js'
import { isRelayed } from './addresses.js'
import type { Gatekeeper } from './gatekeeper.js'
import type { Gossip } from './gossip.js'
import { greetAgain } from './patches/gossip-again.js'
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
 * graylisted, and of those with whom gossip does not flow (a frame over the receiver's limit mutes a link for good).
 */
export class Guard {
  readonly #options: GuardOptions
  readonly #offences: Offences
  /** In how many looks in a row gossip did not flow between us and a connected peer: a clock may be set meanwhile. */
  readonly #silent = new Map<PeerName, number>()
  /** When connections opened whose round trip is not known. */
  readonly #openedAt = new WeakMap<Connection, number>()
  /** The connection over which gossip greets each peer: the first that has said who is there. */
  readonly #greeted = new Map<PeerName, string>()
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
    node.addEventListener('peer:identify', this.#onIdentify)
    for (const { remotePeer, id } of node.getConnections()) this.#greet(remotePeer, id)
    this.#checkedAt = clock.now()
    this.#scheduleChecks()
  }

  stop(): void {
    const { node } = this.#options
    node.removeEventListener('connection:open', this.#onOpen)
    node.removeEventListener('connection:close', this.#onClose)
    node.removeEventListener('peer:identify', this.#onIdentify)
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
    this.#openedAt.set(opened, this.#options.clock.now())
    const others = this.#options.node.getConnections(opened.remotePeer).filter(({ id }) => id !== opened.id)
    if (others.length > 0) this.probe(others)
  }

  /**
   * If gossip ran over the connection that closed, or was about to, it does not begin anew over another: gossipsub greets a peer once,
   * when it connects. So the others close too, both ends forget each other, and the link is dialled again. Where it was one through a relay, that other
   * end knows of its end as well, and what is left may be a link that could not be dialled again: both are greeted over that.
   */
  readonly #onClose = ({ detail: { remotePeer, remoteAddr, id } }: CustomEvent<Connection>): void => {
    const name = remotePeer.toString()
    if (this.#options.node.getConnections(remotePeer).length === 0) {
      this.#greeted.delete(name)
      return
    }
    // Over another it may only just begin, on a long way for seconds: none has ended.
    if (this.#greeted.get(name) !== id) return
    this.#schedule(GOSSIP_NOTICE_MS, () => {
      this.#checkRest(remotePeer, isRelayed(remoteAddr)).catch(this.#onFailure)
    })
  }

  /** A peer is asked who it is as soon as it is connected: the round trip is measured some ten seconds later. */
  readonly #onIdentify = ({ detail: { connection } }: CustomEvent<IdentifyResult>): void => {
    // What comes late is of a connection that has closed.
    if (connection.status === 'open') this.#greet(connection.remotePeer, connection.id)
    const openedAt = this.#openedAt.get(connection)
    if (openedAt !== undefined) connection.rtt ??= Math.max(0, this.#options.clock.now() - openedAt)
  }

  #greet(peer: PeerId, id: string): void {
    const name = peer.toString()
    if (!this.#greeted.has(name)) this.#greeted.set(name, id)
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
    for (const name of this.#silent.keys()) if (!names.has(name)) this.#silent.delete(name)
    for (const peer of peers) {
      if (scoreOf(pubsub, peer.toString()) < GRAYLIST_SCORE) this.#expel(peer.toString(), 'graylisted')
      else await this.#checkGossip(peer)
    }
  }

  async #checkGossip(peer: PeerId): Promise<void> {
    const name = peer.toString()
    if (this.#works(peer) || !(await this.#speaksGossip(peer))) {
      this.#silent.delete(name)
      return
    }
    const looks = (this.#silent.get(name) ?? 0) + 1
    this.#silent.set(name, looks)
    if ((looks - 1) * GUARD_CHECK_MS < MUTED_AFTER_MS) return
    this.#silent.delete(name)
    this.#close(name, 'no gossip streams')
  }

  async #checkRest(peer: PeerId, wasRelayed: boolean): Promise<void> {
    const { node, pubsub } = this.#options
    const [left] = node.getConnections(peer)
    if (left !== undefined) this.#greeted.set(peer.toString(), left.id)
    // With whoever speaks no gossip, none has ended: on a node that is not ours, what is left is the app's.
    if (this.#works(peer) || !(await this.#speaksGossip(peer))) return
    if (wasRelayed && left !== undefined && greetAgain(pubsub, left)) return
    this.#close(peer.toString(), 'gossip ended with another connection')
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

/** gossipsub's score of a peer; not part of its declared interface, so 0 where it is missing. */
function scoreOf(pubsub: GossipSub, peer: PeerName): number {
  const getScore = member(pubsub, 'getScore')
  return typeof getScore === 'function' ? Number(Reflect.apply(getScore, pubsub, [peer])) : 0
}
