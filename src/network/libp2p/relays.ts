import type { CircuitRelayTransportComponents } from '@libp2p/circuit-relay-v2'
import type { IdentifyResult, Listener, TopologyFilter, Transport } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import { MessengerError } from '../../errors.js'
import { MAX_NAMED_RELAYS, MAX_RELAYED_PER_MEMBER, RESERVE_AGAIN_MS } from '../limits.js'
import type { Link, PeerName } from '../network.js'
import { isRelayed, parseAddress, peerOf } from './addresses.js'
import type { NetworkLogger } from './options.js'
import { RelayedDials } from './relayed-dials.js'
import { replacing } from './patches/replacing.js'

const CIRCUIT = '/p2p-circuit'
/** What a relay speaks (libp2p's circuit relay v2). */
const HOP_PROTOCOL = '/libp2p/circuit/relay/0.2.0/hop'

type TransportFactory = (components: CircuitRelayTransportComponents) => Transport

/** Where to listen: on sockets, and at relays. */
export interface ListenPlan {
  /** Nothing if only relays were named. */
  readonly sockets: readonly string[]
  /** The address each relay is dialled at, which names it at its end. */
  readonly relays: ReadonlyMap<PeerName, string>
}

/** Tell relays, `<address>/p2p/<peer>/p2p-circuit`, from other addresses. Throws `ADDRESS_INVALID`. */
export function planListening(addresses: readonly string[]): ListenPlan {
  const sockets = addresses.filter((address) => !isRelayed(parseAddress(address)))
  const atRelays = addresses.filter((address) => !sockets.includes(address))
  const relays = new Map(atRelays.map(relayOf))
  if (relays.size <= MAX_NAMED_RELAYS) return { sockets, relays }
  throw new MessengerError('ADDRESS_INVALID', `Name at most ${String(MAX_NAMED_RELAYS)} relays to listen at`)
}

function relayOf(address: string): [PeerName, string] {
  const relay = address.slice(0, -CIRCUIT.length)
  const peer = peerOf(relay)
  if (address.endsWith(CIRCUIT) && peer !== undefined && !isRelayed(parseAddress(relay))) return [peer, relay]
  const message = 'To listen at a relay, give its address with its peer id, and /p2p-circuit after it'
  throw new MessengerError('ADDRESS_INVALID', message)
}

export interface RelaysOptions {
  readonly relays: ListenPlan['relays']
  readonly clock: Clock
  readonly logger: NetworkLogger | undefined
  /** A relay gave this node a place, or took it back. */
  readonly onChange: (hasPlace: boolean) => void
}

/**
 * The relays through which this node is reached: those it names and no others. A place at one ends with the link to it,
 * is asked for again whenever that link is back, and after a while where the relay had none.
 */
export class Relays {
  readonly #options: RelaysOptions
  readonly #named: ListenPlan['relays']
  readonly #listeners = new Map<PeerName, Listener>()
  /** Named relays that are linked and say that they are one. */
  readonly #serving = new Set<PeerName>()
  readonly #timers = new Map<PeerName, () => void>()

  constructor(options: RelaysOptions) {
    this.#options = options
    this.#named = options.relays
  }

  /** What libp2p dials through relays with, and is dialled with if any is named. */
  async transport(): Promise<TransportFactory> {
    if (this.#named.size === 0) {
      return (components) => new RelayedDials(async () => (await loadTransport())(components))
    }
    const create = await loadTransport()
    return (components) => {
      const transport = create(components)
      for (const peer of this.#named.keys())
        this.#listenAt(peer, transport.createListener({ upgrader: components.upgrader }))
      return transport
    }
  }

  /** The links it takes to be reached. */
  links(): Link[] {
    return [...this.#named].map(([id, address]) => ({ id, addresses: [address] }))
  }

  isNamed(relay: PeerName): boolean {
    return this.#named.has(relay)
  }

  /** Where this node is reached through the relays that have a place for it now. */
  addresses(own: PeerName): string[] {
    return [...this.#named]
      .filter(([peer]) => (this.#listeners.get(peer)?.getAddrs().length ?? 0) > 0)
      .map(([, address]) => `${address}${CIRCUIT}/p2p/${own}`)
  }

  /** A linked peer said what it speaks. */
  identified({ peerId, protocols }: Pick<IdentifyResult, 'peerId' | 'protocols'>): void {
    const peer = peerId.toString()
    // To ask who is no relay would have libp2p never ask it again.
    if (!this.#named.has(peer) || !protocols.includes(HOP_PROTOCOL)) return
    this.#serving.add(peer)
    this.#ask(peer)
  }

  unlinked(peer: PeerName): void {
    this.#serving.delete(peer)
    this.#cancel(peer)
  }

  stop(): void {
    for (const peer of this.#named.keys()) this.unlinked(peer)
    this.#listeners.clear()
  }

  #listenAt(peer: PeerName, listener: Listener): void {
    listener.addEventListener('listening', () => {
      const hasPlace = listener.getAddrs().length > 0
      this.#options.onChange(hasPlace)
      // Lost while the relay is still there: a refresh failed.
      if (!hasPlace) this.#askLater(peer)
    })
    this.#listeners.set(peer, listener)
  }

  #ask(peer: PeerName): void {
    this.#cancel(peer)
    const listener = this.#listeners.get(peer)
    const address = this.#named.get(peer)
    if (listener === undefined || address === undefined) return
    listener.listen(parseAddress(`${address}${CIRCUIT}`)).catch((error: unknown) => {
      this.#options.logger?.debug('a relay has no place', peer, error)
      this.#askLater(peer)
    })
  }

  #askLater(peer: PeerName): void {
    if (!this.#serving.has(peer) || this.#timers.has(peer)) return
    const again = (): void => {
      this.#ask(peer)
    }
    this.#timers.set(peer, this.#options.clock.schedule(RESERVE_AGAIN_MS, again))
  }

  #cancel(peer: PeerName): void {
    this.#timers.get(peer)?.()
    this.#timers.delete(peer)
  }
}

/** The transport of libp2p: a hundred kilobytes of code that few nodes need. */
async function loadTransport(): Promise<TransportFactory> {
  const { circuitRelayTransport } = await import('@libp2p/circuit-relay-v2')
  const create = circuitRelayTransport({
    maxInboundStopStreams: MAX_RELAYED_PER_MEMBER,
    discoveryFilter: everybodyKnown,
    // Where one has to wait for another, libp2p forgets it as soon as that is done.
    reservationConcurrency: MAX_NAMED_RELAYS
  })
  return (components) => create(listeningNowhere(components))
}

/** Keeps the transport of libp2p from finding relays itself: it would ask each it meets, and ours find it in the middle of that. */
const everybodyKnown: TopologyFilter = {
  has: () => true,
  add: () => undefined,
  remove: () => undefined
}

/**
 * The transport of libp2p, dialled through a relay it does not know, would take a place there and tell others of it:
 * anybody could so make a node tell of itself as reached through them.
 */
function listeningNowhere(components: CircuitRelayTransportComponents): CircuitRelayTransportComponents {
  const refuse = (): Promise<void> => Promise.reject(new Error('Only relays that are named are listened at'))
  const transportManager = replacing(components.transportManager, 'listen', refuse)
  return replacing(components, 'transportManager', transportManager)
}
