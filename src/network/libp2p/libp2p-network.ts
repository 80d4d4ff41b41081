import { loadSession } from '#session'
import type { Connection } from '@libp2p/interface'
import { MessengerError } from '../../errors.js'
import { MAX_REQUEST_BYTES, MAX_TOPICS } from '../limits.js'
import { createLinkDriver, KEPT } from '../link-driver.js'
import type { LinkDriver } from '../link-driver.js'
import type {
  LanStatus,
  Link,
  Network,
  NetworkHandlers,
  NetworkPeer,
  PeerName,
  PeerStream
} from '../network.js'
import { createParcelQueue } from '../parcel-queue.js'
import type { ParcelQueue } from '../parcel-queue.js'
import { parseAddress, peerOf } from './addresses.js'
import type { Libp2pNetworkOptions } from './options.js'
import { planListening } from './relays.js'
import type { Session } from './session.js'

/** The network over libp2p. */
export interface Libp2pNetwork extends Network {
  /** This node's peer id while started. */
  readonly peer: PeerName | undefined
  /** How LAN discovery fares; `undefined` if it does not run. */
  lanStatus(): LanStatus | undefined
}

/**
 * A network over libp2p: gossipsub for parcels, direct streams for requests, multicast and kept links to find each
 * other. Nothing is opened before `start()`, which rejects with `ADDRESS_IN_USE`, `ADDRESS_INVALID`, `OPTIONS_INVALID`
 * or `NETWORK_FAILED`. Throws `OPTIONS_INVALID` or `ADDRESS_INVALID`.
 */
export function createLibp2pNetwork(options: Libp2pNetworkOptions): Libp2pNetwork {
  if (options.topics.length > MAX_TOPICS) {
    throw new MessengerError('OPTIONS_INVALID', `A network has at most ${String(MAX_TOPICS)} topics`)
  }
  for (const address of options.bootstrap ?? []) parseAddress(address)
  planListening(options.listen ?? [])
  return new Libp2pNode(options)
}

class Libp2pNode implements Libp2pNetwork {
  readonly #options: Libp2pNetworkOptions
  readonly #topics = new Set<string>()
  readonly #driver: LinkDriver
  readonly #queue: ParcelQueue
  #session: Session | undefined
  #isResting = false
  /** Starts and stops run one after the other. */
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: Libp2pNetworkOptions) {
    this.#options = options
    this.#driver = createLinkDriver({
      clock: options.clock,
      random: () => fraction(options.random(4)),
      dial: (addresses, signal) => this.#started().dialler.dialFirst(addresses, signal),
      peerOf,
      isLinked: (peer) => this.#session?.connectionTo(peer) !== undefined,
      onFailure: (id, error) => options.logger?.debug('a dial failed', id, error)
    })
    this.#driver.keep(
      'bootstrap',
      (options.bootstrap ?? []).map((address) => ({ id: address, addresses: [address] }))
    )
    this.#queue = createParcelQueue({
      send: async (topic, parcel) => (await this.#session?.gossip.publish(topic, parcel)) ?? 0,
      ready: async () => this.#session?.gossip.ready(),
      random: options.random
    })
  }

  get peer(): PeerName | undefined {
    return this.#session?.node.peerId.toString()
  }

  start(handlers: NetworkHandlers): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#session !== undefined) return
      const Session = await loadSession()
      const session = await Session.open(this.#options, handlers, this.#driver)
      this.#session = session
      try {
        session.begin(this.#topics)
        if (this.#isResting) session.lan?.rest(true)
      } catch (error) {
        this.#session = undefined
        this.#driver.stop()
        await session.close()
        throw error
      }
    })
  }

  stop(): Promise<void> {
    return this.#inTurn(async () => {
      const session = this.#session
      if (session === undefined) return
      this.#session = undefined
      this.#driver.stop()
      this.#queue.clear()
      await session.close()
    })
  }

  join(topic: string): void {
    if (!this.#options.topics.includes(topic)) {
      throw new MessengerError('OPTIONS_INVALID', `${topic} is not among the topics of this network`)
    }
    if (this.#topics.has(topic)) return
    this.#topics.add(topic)
    this.#session?.gossip.join(topic)
  }

  leave(topic: string): void {
    if (this.#topics.delete(topic)) this.#session?.gossip.leave(topic)
  }

  publish(
    topic: string,
    envelope: Uint8Array,
    options?: { readonly rank?: number }
  ): Promise<{ readonly recipients: number }> {
    return this.#queue.publish(topic, envelope, options)
  }

  async request(
    peer: PeerName,
    protocol: string,
    request: Uint8Array,
    options: { readonly signal?: AbortSignal } = {}
  ): Promise<Uint8Array> {
    if (request.length > MAX_REQUEST_BYTES) {
      throw new MessengerError('TOO_LARGE', 'The request is longer than a direct request may be')
    }
    const { session, connection } = this.#linkTo(peer)
    return await session.requests.send(connection, protocol, request, options.signal)
  }

  async openStream(
    peer: PeerName,
    protocol: string,
    options: { readonly signal?: AbortSignal } = {}
  ): Promise<PeerStream> {
    const { session, connection } = this.#linkTo(peer)
    return await session.openStream(connection, protocol, options.signal)
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<PeerName> {
    const peer = await this.#started().dialler.dial(address, options.signal)
    this.#driver.dialled({ peer, address })
    return peer
  }

  keep(links: readonly Link[]): void {
    this.#driver.keep(KEPT, links)
    this.#session?.tagPeers()
  }

  peers(): readonly NetworkPeer[] {
    return this.#session?.peers() ?? []
  }

  addresses(): readonly string[] {
    return this.#session?.addresses() ?? []
  }

  rest(isResting: boolean): void {
    this.#isResting = isResting
    this.#session?.lan?.rest(isResting)
  }

  lanStatus(): LanStatus | undefined {
    return this.#session?.lan?.status()
  }

  #started(): Session {
    if (this.#session === undefined)
      throw new MessengerError('NOT_STARTED', 'The network is not started; call start() first')
    return this.#session
  }

  #linkTo(peer: PeerName): { readonly session: Session; readonly connection: Connection } {
    const session = this.#session
    const connection = session?.connectionTo(peer)
    if (session === undefined || connection === undefined)
      throw new MessengerError('NETWORK_FAILED', 'There is no link to this peer')
    return { session, connection }
  }

  #inTurn(step: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(step)
    this.#turn = done.catch(() => undefined)
    return done
  }
}

/** Four random bytes as a number in [0, 1). */
function fraction(bytes: Uint8Array): number {
  return bytes.reduce((sum, byte) => sum * 256 + byte, 0) / 0x1_0000_0000
}
