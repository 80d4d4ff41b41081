import type { GossipSub } from '@libp2p/gossipsub'
import type { Connection, IdentifyResult, Libp2p, PeerId } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { startLan } from '#transports'
import { MessengerError } from '../../errors.js'
import { DIAL_ADDRESS_TIMEOUT_MS, DUPLICATE_AGE_MS } from '../limits.js'
import type { LinkDriver, Reached } from '../link-driver.js'
import type { NetworkHandlers, NetworkPeer, PeerName } from '../network.js'
import { isIp6, isWebSocket, nearestFirst, parseAddress, portOf, withoutPeer } from './addresses.js'
import { createGatekeeper } from './gater.js'
import type { Gatekeeper } from './gater.js'
import { Gossip } from './gossip.js'
import { Guard } from './guard.js'
import { NETWORK_TAG_BYTES } from './lan/beacon.js'
import type { Lan, ListenPorts } from './lan/lan.js'
import { startNode } from './node.js'
import type { Libp2pNetworkOptions } from './options.js'
import { handleRequests } from './requests.js'

/** Everything that lives from `start()` to `stop()`. */
export class Session {
  readonly node: Libp2p
  readonly gossip: Gossip
  readonly lan: Lan | undefined
  readonly #options: Libp2pNetworkOptions
  readonly #handlers: NetworkHandlers
  readonly #driver: LinkDriver
  readonly #gatekeeper: Gatekeeper
  readonly #guard: Guard
  readonly #pubsub: GossipSub
  #unhandle: () => Promise<void> = () => Promise.resolve()

  /** Start the node if it is ours, and take part. Rejects with `ADDRESS_IN_USE`, `ADDRESS_INVALID`, `OPTIONS_INVALID` or `NETWORK_FAILED`. */
  static async open(
    options: Libp2pNetworkOptions,
    handlers: NetworkHandlers,
    driver: LinkDriver
  ): Promise<Session> {
    const gatekeeper = createGatekeeper(options.clock)
    const node = options.libp2p ?? (await startNode(options, gatekeeper.gater))
    const session = new Session(options, handlers, driver, gatekeeper, node)
    session.#unhandle = await handleRequests(node, options.protocols, handlers.onRequest.bind(handlers))
    return session
  }

  private constructor(
    options: Libp2pNetworkOptions,
    handlers: NetworkHandlers,
    driver: LinkDriver,
    gatekeeper: Gatekeeper,
    node: Libp2p
  ) {
    this.#options = options
    this.#handlers = handlers
    this.#driver = driver
    this.#gatekeeper = gatekeeper
    this.node = node
    this.#pubsub = pubsubOf(node)
    const { clock, logger } = options
    this.gossip = new Gossip({
      node,
      pubsub: this.#pubsub,
      handlers,
      clock,
      onOffence: (peer) => {
        this.#guard.offence(peer)
      }
    })
    this.#guard = new Guard({ node, pubsub: this.#pubsub, gossip: this.gossip, gatekeeper, clock, logger })
    node.addEventListener('peer:connect', this.#onConnect)
    node.addEventListener('peer:disconnect', this.#onDisconnect)
    node.addEventListener('peer:identify', this.#onIdentify)
    for (const peer of node.getPeers()) this.#admit(peer)
    this.lan = options.lan === false ? undefined : this.#startLan()
  }

  async close(): Promise<void> {
    this.node.removeEventListener('peer:connect', this.#onConnect)
    this.node.removeEventListener('peer:disconnect', this.#onDisconnect)
    this.node.removeEventListener('peer:identify', this.#onIdentify)
    this.#guard.stop()
    this.gossip.stop()
    await this.lan?.stop()
    await this.#unhandle()
    if (this.#options.libp2p === undefined) await this.node.stop()
  }

  /** Dial the addresses one after the other until one answers. */
  async dialFirst(addresses: readonly string[], signal?: AbortSignal): Promise<Reached> {
    let failure = new MessengerError('DIAL_FAILED', 'There is no address to dial')
    for (const address of addresses) {
      try {
        return { peer: await this.dial(address, signal), address }
      } catch (cause) {
        if (signal?.aborted === true) throw new MessengerError('ABORTED', 'The dial was aborted', { cause })
        failure = new MessengerError('DIAL_FAILED', 'None of the addresses answers', { cause })
      }
    }
    throw failure
  }

  async dial(address: string, signal?: AbortSignal): Promise<PeerName> {
    const target = parseAddress(address)
    const deadline = AbortSignal.timeout(DIAL_ADDRESS_TIMEOUT_MS)
    try {
      const limit = signal === undefined ? deadline : AbortSignal.any([deadline, signal])
      const connection = await this.node.dial(target, { signal: limit })
      this.#dropDuplicate(connection)
      return connection.remotePeer.toString()
    } catch (cause) {
      if (signal?.aborted === true) throw new MessengerError('ABORTED', 'The dial was aborted', { cause })
      throw new MessengerError('DIAL_FAILED', `Nobody answers at ${address}`, { cause })
    }
  }

  peers(): NetworkPeer[] {
    const oldest = new Map<PeerName, Connection>()
    for (const connection of this.node.getConnections()) {
      const name = connection.remotePeer.toString()
      const known = oldest.get(name)
      if (known === undefined || connection.timeline.open < known.timeline.open) oldest.set(name, connection)
    }
    return [...oldest].map(([peer, { remoteAddr, remotePeer, direction, timeline }]) => {
      const topics = this.gossip.topicsOf(remotePeer, this.#options.topics)
      return { peer, address: remoteAddr.toString(), direction, since: timeline.open, topics }
    })
  }

  addresses(): string[] {
    return this.#listenAddresses().map((address) => address.toString())
  }

  connectionTo(peer: PeerName): Connection | undefined {
    return this.node
      .getConnections()
      .find(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === peer)
  }

  #onConnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#admit(peer)
  }

  #onDisconnect = ({ detail: peer }: CustomEvent<PeerId>): void => {
    this.#driver.unlinked(peer.toString())
    this.#handlers.onPeers()
  }

  #onIdentify = ({ detail: { peerId, listenAddrs } }: CustomEvent<IdentifyResult>): void => {
    this.#driver.linked(peerId.toString(), listenAddrs.map(withoutPeer))
  }

  #admit(peer: PeerId): void {
    const name = peer.toString()
    if (this.#gatekeeper.isDenied(name)) {
      // A node that is not ours has another gatekeeper.
      for (const connection of this.node.getConnections(peer))
        connection.abort(new Error('This peer is denied'))
      return
    }
    this.#driver.linked(name)
    this.#handlers.onPeers()
  }

  /**
   * An address does not say whose it is until it was dialled, so a second connection to a linked peer may come of it.
   * It is closed if the first is old enough that the peer has not just dialled us: else both ends might close one each.
   */
  #dropDuplicate(dialled: Connection): void {
    const isOlder = (connection: Connection): boolean =>
      connection.id !== dialled.id && dialled.timeline.open - connection.timeline.open > DUPLICATE_AGE_MS
    if (this.node.getConnections(dialled.remotePeer).some(isOlder)) {
      dialled.close().catch((error: unknown) => {
        this.#options.logger?.debug('a second connection did not close', error)
      })
    }
  }

  #startLan(): Lan | undefined {
    const { clock, random, hash, networkName, logger } = this.#options
    return startLan({
      clock,
      random,
      networkTag: hash(new TextEncoder().encode(`hallig/lan/${networkName}`)).slice(0, NETWORK_TAG_BYTES),
      ports: (family) => this.#ports(family),
      onSightings: (links) => {
        this.#driver.keep('lan', links)
      },
      onInterfaces: () => {
        this.#driver.reset()
      },
      ...(logger === undefined ? {} : { logger })
    })
  }

  #ports(family: 4 | 6): ListenPorts {
    const addresses = this.#listenAddresses().filter((address) => isIp6(address) === (family === 6))
    const port = (wanted: boolean): number => {
      const address = addresses.find((candidate) => isWebSocket(candidate) === wanted)
      return (address === undefined ? undefined : portOf(address)) ?? 0
    }
    return { tcp: port(false), ws: port(true) }
  }

  #listenAddresses(): Multiaddr[] {
    return this.node.getMultiaddrs().sort(nearestFirst)
  }
}

function pubsubOf(node: Libp2p): GossipSub {
  const { pubsub } = node.services
  if (!isGossipSub(pubsub) || pubsub.globalSignaturePolicy !== 'StrictNoSign') {
    throw new MessengerError(
      'OPTIONS_INVALID',
      'The libp2p node needs gossipsub with gossipSettings() as its service `pubsub`'
    )
  }
  return pubsub
}

function isGossipSub(service: unknown): service is GossipSub {
  return (
    typeof service === 'object' &&
    service !== null &&
    'topicValidators' in service &&
    'getSubscribers' in service
  )
}
