// First: js-libp2p needs it from the start.
import '../../platform/polyfill.js'
import type { Connection, IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { createPuncher, defaultListen, startLan } from '#transports'
import { MessengerError } from '../../errors.js'
import { KEPT_PEER_VALUE, MAX_LINK_ADDRESSES } from '../limits.js'
import { KEPT, type LinkDriver } from '../link-driver.js'
import type { NetworkHandlers, NetworkPeer, PeerName, PeerStream } from '../network.js'
import { stopNode } from './patches/stop-node.js'
import {
  ipOf,
  isIp6,
  isRelayed,
  isWebSocket,
  nearestFirst,
  parseAddress,
  portOf,
  withoutPeer
} from './addresses.js'
import { Dialler } from './dialler.js'
import { createGatekeeper } from './gatekeeper.js'
import type { Gatekeeper } from './gatekeeper.js'
import { Gossip } from './gossip.js'
import { Guard } from './guard.js'
import { Handshakes } from './handshakes.js'
import { NETWORK_TAG_BYTES } from './lan/beacon.js'
import type { Lan, ListenPorts } from './lan/lan.js'
import { startNode } from './node.js'
import type { Libp2pNetworkOptions } from './options.js'
import { handleStreams, openStream } from './peer-streams.js'
import { superfluous } from './places.js'
import { pubsubOf } from './pubsub-of.js'
import { Pulse } from './pulse.js'
import { PUNCH_PROTOCOL, type HolePuncher } from './punching/hole-puncher.js'
import { Punches } from './punching/punched-dials.js'
import { RelayService } from './relay-service.js'
import { planListening, Relays } from './relays.js'
import { Requests } from './requests.js'

/** The source of the links to relays. */
const RELAYS = 'relays'
/** Marks, in libp2p's peer store, the peers whose connections are the last to be pruned. */
const KEPT_TAG = 'hallig-kept'

interface SessionParts {
  readonly node: Libp2p
  readonly gatekeeper: Gatekeeper
  readonly relays: Relays
  readonly relayService: RelayService
  readonly punches: Punches
}

/** What lives from `start()` to `stop()`: the node, and all that listens to it. */
export class Session {
  readonly node: Libp2p
  readonly gossip: Gossip
  readonly requests: Requests
  readonly dialler: Dialler
  readonly #options: Libp2pNetworkOptions
  readonly #handlers: NetworkHandlers
  readonly #driver: LinkDriver
  readonly #gatekeeper: Gatekeeper
  readonly #relays: Relays
  readonly #relayService: RelayService
  readonly #guard: Guard
  readonly #pulse: Pulse
  /** A node that is not ours dials from ports of its own. */
  readonly #puncher: HolePuncher | undefined
  #lan: Lan | undefined
  readonly #unhandle: (() => Promise<void>)[] = []

  /**
   * Start the node if it is ours. Nothing is told to the handlers before `begin()`. Rejects with `ADDRESS_IN_USE`,
   * `ADDRESS_INVALID`, `OPTIONS_INVALID` or `NETWORK_FAILED`.
   */
  static async open(
    options: Libp2pNetworkOptions,
    handlers: NetworkHandlers,
    driver: LinkDriver
  ): Promise<Session> {
    const { libp2p, listen = [], clock, logger } = options
    const plan = planListening(libp2p === undefined ? listen : [])
    const onChange = (hasPlace: boolean): void => {
      handlers.onPeers()
      // Others who are reached through that relay may be back as well.
      if (hasPlace) driver.reset()
    }
    const relays = new Relays({ relays: plan.relays, clock, logger, onChange })
    const relayService = new RelayService()
    const handshakes = new Handshakes()
    const punches = new Punches()
    const gatekeeper = createGatekeeper(clock, handshakes, {
      isNamed: (relay) => relays.isNamed(relay),
      onReservation: (peer) => {
        relayService.giveUpPlace(peer)
      }
    })
    // Who names a relay only wants it as well: neighbours still link directly.
    const sockets = plan.sockets.length === 0 ? defaultListen() : plan.sockets
    const node =
      libp2p ??
      (await startNode(options, {
        gater: gatekeeper.gater,
        handshakes,
        sockets,
        relays,
        relayService,
        punches
      }))
    const session = new Session(options, handlers, driver, {
      node,
      gatekeeper,
      relays,
      relayService,
      punches
    })
    try {
      session.#unhandle.push(
        await session.requests.handle(node, options.protocols, handlers.onRequest.bind(handlers)),
        await handleStreams(node, options.streamProtocols, handlers.onStream.bind(handlers)),
        await session.#handlePunches()
      )
      return session
    } catch (cause) {
      await session.close()
      const message =
        'The libp2p node does not take our protocols; is it that of another messenger? Give each a node of its own'
      throw new MessengerError('NETWORK_FAILED', message, { cause })
    }
  }

  private constructor(
    options: Libp2pNetworkOptions,
    handlers: NetworkHandlers,
    driver: LinkDriver,
    { node, gatekeeper, relays, relayService, punches }: SessionParts
  ) {
    const { clock, logger } = options
    const pubsub = pubsubOf(node, options.topics)
    this.#options = options
    this.#handlers = handlers
    this.#driver = driver
    this.#gatekeeper = gatekeeper
    this.#relays = relays
    this.#relayService = relayService
    this.node = node
    this.requests = new Requests(clock, logger)
    this.dialler = new Dialler(node, clock, logger)
    this.#pulse = new Pulse({ node, clock, logger })
    this.gossip = new Gossip({
      node,
      pubsub,
      handlers,
      clock,
      onOffence: (peer) => {
        this.#guard.offence(peer)
      }
    })
    this.#puncher = options.libp2p === undefined ? this.#createPuncher(punches) : undefined
    this.#guard = new Guard({
      node,
      pubsub,
      gossip: this.gossip,
      gatekeeper,
      clock,
      logger,
      onResume: () => {
        this.#onSurroundings()
      }
    })
  }

  get lan(): Lan | undefined {
    return this.#lan
  }

  /** Take part: join the topics, greet who is linked already, find the others. */
  begin(topics: Iterable<string>): void {
    this.node.addEventListener('stop', this.#onNodeStop)
    this.node.addEventListener('start', this.#onNodeStart)
    this.node.addEventListener('connection:open', this.#onOpen)
    this.node.addEventListener('peer:connect', this.#onConnect)
    this.node.addEventListener('peer:disconnect', this.#onDisconnect)
    this.node.addEventListener('peer:identify', this.#onIdentify)
    this.gossip.begin(topics)
    this.#guard.begin()
    // A node that is not ours has a monitor of its own.
    if (this.#options.libp2p === undefined) this.#pulse.begin()
    for (const peer of this.node.getPeers()) this.#admit(peer)
    this.#driver.keep(RELAYS, this.#relays.links())
    this.#driver.start()
    if (this.#options.lan !== false) this.#lan = this.#startLan()
  }

  async close(): Promise<void> {
    this.node.removeEventListener('stop', this.#onNodeStop)
    this.node.removeEventListener('start', this.#onNodeStart)
    this.node.removeEventListener('connection:open', this.#onOpen)
    this.node.removeEventListener('peer:connect', this.#onConnect)
    this.node.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.node.removeEventListener('peer:identify', this.#onIdentify)
    this.#guard.stop()
    this.#pulse.stop()
    this.#puncher?.stop()
    this.#relays.stop()
    this.gossip.stop()
    await this.#lan?.stop()
    for (const unhandle of this.#unhandle) await unhandle()
    if (this.#options.libp2p === undefined) await stopNode(this.node)
  }

  /** The peers linked now: each with its oldest connection. */
  peers(): NetworkPeer[] {
    const oldest = new Map<PeerName, Connection>()
    for (const connection of this.node.getConnections()) {
      const name = connection.remotePeer.toString()
      const known = oldest.get(name)
      if (known === undefined || connection.timeline.open < known.timeline.open) oldest.set(name, connection)
    }
    // Asked for at every step of a session, and with a hundred peers each comparison of one with all costs more than all else here.
    const members = new Map(this.#options.topics.map((topic) => [topic, this.gossip.membersOf(topic)]))
    return [...oldest].map(([peer, { remoteAddr, direction, timeline, rtt }]) => {
      const topics = this.#options.topics.filter((topic) => members.get(topic)?.has(peer) === true)
      const link = { peer, address: remoteAddr.toString(), direction, since: timeline.open, topics }
      return rtt === undefined ? link : { ...link, roundTrip: rtt }
    })
  }

  addresses(): string[] {
    const own = this.#relays.addresses(this.node.peerId.toString()).map(parseAddress)
    const addresses = [...this.#listenAddresses(), ...own].sort(nearestFirst)
    return addresses.map((address) => address.toString())
  }

  connectionTo(peer: PeerName): Connection | undefined {
    return this.node
      .getConnections()
      .find(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === peer)
  }

  /** Rejects with `NETWORK_FAILED` or `ABORTED`. */
  async openStream(connection: Connection, protocol: string, signal?: AbortSignal): Promise<PeerStream> {
    return await openStream(connection, protocol, this.#options.clock, signal)
  }

  /** Tell libp2p whose connections to keep when there are too many on a node that is not ours: those of kept links. */
  tagPeers(peers: readonly PeerId[] = this.node.getPeers()): void {
    for (const peer of peers) {
      const tag = this.#isKept(peer.toString()) ? { value: KEPT_PEER_VALUE } : undefined
      this.node.peerStore.merge(peer, { tags: { [KEPT_TAG]: tag } }).catch((error: unknown) => {
        this.#options.logger?.debug('a peer could not be tagged', peer.toString(), error)
      })
    }
  }

  #isKept(peer: PeerName): boolean {
    return [KEPT, RELAYS].some((source) => this.#driver.isKept(source, peer))
  }

  /** The app stops its own node under us. libp2p tells of no link that closes with it. */
  readonly #onNodeStop = (): void => {
    this.#driver.stop()
    this.#handlers.onPeers()
  }

  /** And starts it again: its gossipsub has forgotten what it was in. */
  readonly #onNodeStart = (): void => {
    this.gossip.rejoin()
    for (const peer of this.node.getPeers()) this.#admit(peer)
    this.#driver.start()
  }

  /** A node that is not ours has bounds of its own. */
  readonly #onOpen = ({ detail: opened }: CustomEvent<Connection>): void => {
    if (this.#options.libp2p !== undefined) return
    const gone = superfluous(this.node.getConnections(), opened, (peer) => this.#isKept(peer))
    gone?.abort(new Error('There are too many connections'))
  }

  readonly #onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#admit(peer)
  }

  readonly #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#driver.unlinked(peer.toString())
    this.#relays.unlinked(peer.toString())
    this.#relayService.giveUpPlace(peer)
    this.#handlers.onPeers()
  }

  readonly #onIdentify = ({ detail }: CustomEvent<IdentifyResult>): void => {
    const { peerId, listenAddrs, connection } = detail
    this.#relays.identified(detail)
    this.#puncher?.identified(detail)
    // Only addresses of the host it really is on: else a peer could claim another's address, and that would not be dialled.
    // One that is linked through a relay is not on the relay's host.
    const host = isRelayed(connection.remoteAddr) ? undefined : ipOf(connection.remoteAddr)
    const own = listenAddrs.filter((address) => !isRelayed(address) && ipOf(address) === host)
    const known = host === undefined ? [] : own.slice(0, MAX_LINK_ADDRESSES)
    this.#driver.greeted(peerId.toString(), known.map(withoutPeer))
  }

  #admit(peer: PeerId): void {
    if (this.#gatekeeper.isDenied(peer.toString())) {
      // A node that is not ours has another gatekeeper.
      for (const connection of this.node.getConnections(peer))
        connection.abort(new Error('This peer is denied'))
      return
    }
    this.#driver.linked(peer.toString())
    this.tagPeers([peer])
    this.#handlers.onPeers()
  }

  /** The device's addresses changed, or it slept: old connections may be dead, failed dials may work. */
  #onSurroundings(): void {
    this.#guard.probe()
    this.#driver.reset()
  }

  #createPuncher(punches: Punches): HolePuncher | undefined {
    const { node, dialler, requests } = this
    const { clock, random, logger } = this.#options
    const isKept = (peer: PeerName): boolean => this.#driver.isKept(KEPT, peer)
    return createPuncher({ node, dialler, requests, punches, clock, random, logger, isKept })
  }

  async #handlePunches(): Promise<() => Promise<void>> {
    const puncher = this.#puncher
    if (puncher === undefined) return () => Promise.resolve()
    return await this.requests.handle(this.node, [PUNCH_PROTOCOL], (_protocol, request, from) =>
      Promise.resolve(puncher.answer(request, from))
    )
  }

  #startLan(): Lan | undefined {
    const { clock, random, hash, networkName, logger } = this.#options
    return startLan({
      clock,
      random,
      networkTag: hash(new TextEncoder().encode(`hallig/lan/${networkName}`)).slice(0, NETWORK_TAG_BYTES),
      ports: () => this.#ports(),
      onSightings: (links) => {
        this.#driver.keep('lan', links)
      },
      onInterfaces: () => {
        this.#onSurroundings()
      },
      ...(logger === undefined ? {} : { logger })
    })
  }

  #ports(): Record<4 | 6, ListenPorts> {
    const addresses = this.#listenAddresses().filter((address) => !isRelayed(address))
    const port = (family: 4 | 6, webSocket: boolean): number => {
      const address = addresses.find(
        (candidate) => isIp6(candidate) === (family === 6) && isWebSocket(candidate) === webSocket
      )
      return (address === undefined ? undefined : portOf(address)) ?? 0
    }
    return { 4: { tcp: port(4, false), ws: port(4, true) }, 6: { tcp: port(6, false), ws: port(6, true) } }
  }

  #listenAddresses(): Multiaddr[] {
    const { node } = this
    // Of a node of ours libp2p tells each address of each relay; what was named is told instead.
    const own = node.getMultiaddrs().filter((address) => node === this.#options.libp2p || !isRelayed(address))
    return own.sort(nearestFirst)
  }
}
