import type { Clock } from '../clock.js'
import { MessengerError } from '../errors.js'
import { onAbort } from '../on-abort.js'
import { travelling, type Travelling } from './content-key.js'
import { FirstCopies } from './first-copies.js'
import { MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, MAX_SEEN_PARCELS, REQUEST_TIMEOUT_MS } from './limits.js'
import { createLinkDriver } from './link-driver.js'
import type { LinkDriver, Reached } from './link-driver.js'
import { addressOf, nameOf } from './memory-address.js'
import type { Transmit } from './memory-medium.js'
import { MemoryStream } from './memory-stream.js'
import type { Link, Network, NetworkHandlers, NetworkPeer, PeerName, PeerStream } from './network.js'
import { createParcelQueue } from './parcel-queue.js'
import type { ParcelQueue } from './parcel-queue.js'
import type { SeededRandom } from './seeded-random.js'

/** What a node needs of its hub. */
export interface MemoryMedium {
  readonly clock: Clock
  readonly random: SeededRandom
  readonly transmit: Transmit
  node(name: PeerName): MemoryNode | undefined
  /** Whether both run and nothing is cut between them. */
  reachable(one: PeerName, other: PeerName): boolean
  /** Milliseconds of one way, freshly drawn. */
  latency(): number
  /** A parcel as it leaves its publisher: as it is, or damaged. */
  leaving(parcel: Uint8Array): Uint8Array
  /** A node started: on a LAN the others find it now. */
  started(name: PeerName): void
}

interface Wait {
  readonly peer: PeerName
  settle(): void
  fail(reason: string): void
  isOver(): boolean
}

interface OpenLink {
  readonly direction: 'inbound' | 'outbound'
  readonly since: number
}

/** One node of a memory hub: the `Network` its messenger sees, and what the hub and the other nodes call. */
export class MemoryNode implements Network {
  readonly name: PeerName
  readonly #medium: MemoryMedium
  /** Made anew when it changes, as others are shown it many times over. */
  #topics: readonly string[] = []
  readonly #links = new Map<PeerName, OpenLink>()
  readonly #seen = new Set<string>()
  readonly #coming: FirstCopies
  readonly #queue: ParcelQueue
  readonly #driver: LinkDriver
  readonly #overLinks = new Set<MemoryStream | Wait>()
  #handlers: NetworkHandlers | undefined

  constructor(name: PeerName, medium: MemoryMedium) {
    this.name = name
    this.#medium = medium
    this.#coming = new FirstCopies(medium.clock, (key) => this.#seen.has(key))
    this.#queue = createParcelQueue({
      send: (topic, parcel) => Promise.resolve(this.#forward(topic, travelling(parcel), undefined)),
      // A medium without buffers is ready as soon as the turn's other work is done.
      ready: () => Promise.resolve(),
      random: (length) => medium.random.bytes(length)
    })
    this.#driver = createLinkDriver({
      clock: medium.clock,
      random: () => medium.random.number(),
      dial: (addresses, signal) => this.#dialFirst(addresses, signal),
      peerOf: nameOf,
      isLinked: (peer) => this.#links.has(peer)
    })
  }

  get running(): boolean {
    return this.#handlers !== undefined
  }

  start(handlers: NetworkHandlers): Promise<void> {
    if (this.#handlers === undefined) {
      this.#handlers = handlers
      this.#medium.started(this.name)
      this.#driver.start()
    }
    return Promise.resolve()
  }

  stop(): Promise<void> {
    if (this.#handlers !== undefined) {
      this.#handlers = undefined
      this.#driver.stop()
      this.#queue.clear()
      const peers = [...this.#links.keys()]
      this.#links.clear()
      for (const ended of [...this.#overLinks]) ended.fail('The network was stopped')
      for (const peer of peers) this.#medium.node(peer)?.unlink(this.name)
    }
    return Promise.resolve()
  }

  join(topic: string): void {
    if (this.#topics.includes(topic)) return
    this.#topics = [...this.#topics, topic]
    this.#announce(topic)
  }

  leave(topic: string): void {
    if (!this.#topics.includes(topic)) return
    this.#topics = this.#topics.filter((known) => known !== topic)
    this.#announce(topic)
  }

  publish(
    topic: string,
    envelope: Uint8Array,
    options?: { readonly rank?: number }
  ): Promise<{ readonly recipients: number }> {
    return this.#queue.publish(topic, envelope, options)
  }

  request(
    peer: PeerName,
    protocol: string,
    request: Uint8Array,
    options: { readonly signal?: AbortSignal } = {}
  ): Promise<Uint8Array> {
    if (request.length > MAX_REQUEST_BYTES) {
      return Promise.reject(
        new MessengerError('TOO_LARGE', 'The request is longer than a direct request may be')
      )
    }
    return new Promise((resolve, reject) => {
      const wait = this.#wait(peer, 'The peer did not answer in time', options.signal, reject)
      if (wait === undefined) return
      this.#medium.transmit(this.name, peer, 'request', request.length, () => {
        this.#medium.node(peer)?.answer(this.name, protocol, request.slice(), (response) => {
          if (response === undefined) {
            wait.fail('The peer closed the stream without an answer')
            return
          }
          wait.settle()
          resolve(response)
        })
      })
    })
  }

  /** A wait for a peer, bounded in time; `undefined` if it was aborted before it began, or the peer is not linked. */
  #wait(
    peer: PeerName,
    tooLate: string,
    signal: AbortSignal | undefined,
    reject: (error: Error) => void
  ): Wait | undefined {
    let leave = (): void => undefined
    const settle = (): void => {
      this.#overLinks.delete(wait)
      cancel()
      leave()
    }
    const fail = (reason: string, code: 'NETWORK_FAILED' | 'ABORTED' = 'NETWORK_FAILED'): void => {
      settle()
      reject(new MessengerError(code, reason))
    }
    const cancel = this.#medium.clock.schedule(REQUEST_TIMEOUT_MS, () => {
      fail(tooLate)
    })
    const wait: Wait = { peer, settle, fail, isOver: () => !this.#overLinks.has(wait) }
    this.#overLinks.add(wait)
    leave = onAbort(signal, () => {
      fail('The caller has aborted it', 'ABORTED')
    })
    if (!wait.isOver() && !this.#links.has(peer)) fail('There is no link to this peer')
    return wait.isOver() ? undefined : wait
  }

  openStream(
    peer: PeerName,
    protocol: string,
    options: { readonly signal?: AbortSignal } = {}
  ): Promise<PeerStream> {
    return new Promise((resolve, reject) => {
      const wait = this.#wait(peer, 'The peer takes no such stream', options.signal, reject)
      if (wait === undefined) return
      this.#medium.transmit(this.name, peer, 'stream', 0, () => {
        if (wait.isOver()) return
        const mine = this.#stream(peer)
        if (this.#medium.node(peer)?.takeStream(this.name, protocol, mine) !== true) {
          mine.fail()
          wait.fail('The peer takes no such stream')
          return
        }
        wait.settle()
        resolve(mine)
      })
    })
  }

  /** For the other node: a stream was opened to this one. Says whether it is taken. */
  takeStream(from: PeerName, protocol: string, other: MemoryStream): boolean {
    const handlers = this.#handlers
    if (handlers === undefined || !this.#links.has(from)) return false
    const mine = this.#stream(from)
    MemoryStream.join(mine, other)
    handlers.onStream(protocol, mine)
    return true
  }

  #stream(peer: PeerName): MemoryStream {
    const stream = new MemoryStream(
      peer,
      (bytes, arrive) => {
        this.#medium.transmit(this.name, peer, 'stream', bytes, arrive)
      },
      (ended) => this.#overLinks.delete(ended)
    )
    this.#overLinks.add(stream)
    return stream
  }

  async dial(address: string, options: { readonly signal?: AbortSignal } = {}): Promise<PeerName> {
    if (!this.running)
      throw new MessengerError('NOT_STARTED', 'The network is not started; call start() first')
    const reached = await this.#dialOne(address, options.signal)
    this.#driver.dialled(reached)
    return reached.peer
  }

  keep(links: readonly Link[]): void {
    this.#driver.keep('kept', links)
  }

  peers(): readonly NetworkPeer[] {
    return [...this.#links].map(([peer, { direction, since }]) => {
      const topics = this.#medium.node(peer)?.topics() ?? []
      return { peer, address: addressOf(peer), direction, since, topics }
    })
  }

  addresses(): readonly string[] {
    return this.running ? [addressOf(this.name)] : []
  }

  /** For other nodes: the topics this node takes part in. */
  topics(): readonly string[] {
    return this.#topics
  }

  /** For the hub: link both ends, if they can hear each other. */
  connect(peer: PeerName): boolean {
    const other = this.#medium.node(peer)
    if (other === undefined || !this.#medium.reachable(this.name, peer)) return false
    if (!this.#links.has(peer)) {
      this.#admit(peer, 'outbound')
      other.#admit(this.name, 'inbound')
      this.#greet(other)
      other.#greet(this)
    }
    return true
  }

  /** For the hub and other nodes: the link is dead. Both ends learn of it. */
  unlink(peer: PeerName): void {
    if (!this.#links.delete(peer)) return
    this.#driver.unlinked(peer)
    for (const ended of [...this.#overLinks]) if (ended.peer === peer) ended.fail('The link is gone')
    this.#handlers?.onPeers()
    this.#medium.node(peer)?.unlink(this.name)
  }

  /** For the hub: dials may work again, all or those to one peer. */
  retry(peer?: PeerName): void {
    this.#driver.reset(peer)
  }

  /** A parcel arrived from a linked peer; it is copied if it is new here. */
  receive(topic: string, { bytes, key }: Travelling, from: PeerName): void {
    const handlers = this.#handlers
    if (
      handlers === undefined ||
      !this.#links.has(from) ||
      !this.#topics.includes(topic) ||
      !this.#remember(key)
    )
      return
    const parcel = bytes.slice()
    const verdict = handlers.inspect(topic, parcel)
    if (verdict !== 'accept' && verdict !== 'keep') return
    handlers.onParcel(topic, parcel, from)
    if (verdict === 'accept') this.#forward(topic, { bytes: parcel, key }, from)
  }

  /** A direct request arrived; `reply` gets the response when that has travelled back. */
  answer(
    from: PeerName,
    protocol: string,
    request: Uint8Array,
    reply: (response: Uint8Array | undefined) => void
  ): void {
    const handlers = this.#handlers
    if (handlers === undefined || !this.#links.has(from)) {
      reply(undefined)
      return
    }
    const send = (response: Uint8Array | undefined): void => {
      const answer =
        response === undefined || response.length > MAX_RESPONSE_BYTES ? undefined : response.slice()
      this.#medium.transmit(this.name, from, 'response', answer?.length ?? 0, () => {
        reply(answer)
      })
    }
    handlers.onRequest(protocol, request, from).then(send, () => {
      send(undefined)
    })
  }

  #forward(topic: string, parcel: Travelling, from: PeerName | undefined): number {
    if (from === undefined) this.#remember(parcel.key)
    let recipients = 0
    for (const peer of this.#links.keys()) {
      const node = this.#medium.node(peer)
      if (peer === from || node?.topics().includes(topic) !== true) continue
      recipients += 1
      // Damaged once: if it were at every hop, each would make another parcel, and the flood would never end.
      const leaving = from === undefined ? this.#leave(parcel) : parcel
      const arrive = node.receive.bind(node, topic, leaving, this.name)
      this.#medium.transmit(this.name, peer, 'parcel', leaving.bytes.length, arrive, (at, arrival) => {
        node.#coming.expect(leaving.key, at, arrival)
      })
    }
    return recipients
  }

  #leave(parcel: Travelling): Travelling {
    const leaving = this.#medium.leaving(parcel.bytes)
    return leaving === parcel.bytes ? parcel : travelling(leaving)
  }

  /** Whether the parcel of this key is new here. */
  #remember(key: string): boolean {
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    if (this.#seen.size > MAX_SEEN_PARCELS) for (const oldest of this.#seen) return this.#seen.delete(oldest)
    return true
  }

  #admit(peer: PeerName, direction: OpenLink['direction']): void {
    this.#links.set(peer, { direction, since: this.#medium.clock.now() })
    this.#driver.greeted(peer, [])
  }

  /** Tell this node's messenger that `other` is here, and in which topics. */
  #greet(other: MemoryNode): void {
    this.#handlers?.onPeers()
    for (const topic of other.#topics) this.#handlers?.onJoin(topic, other.name)
  }

  /** Tell every linked node that this node joined or left `topic`. */
  #announce(topic: string): void {
    for (const peer of this.#links.keys()) {
      this.#medium.clock.schedule(this.#medium.latency(), () => {
        const other = this.#medium.node(peer)
        if (other === undefined || !other.#links.has(this.name)) return
        other.#handlers?.onPeers()
        if (this.#topics.includes(topic)) other.#handlers?.onJoin(topic, this.name)
      })
    }
  }

  async #dialFirst(addresses: readonly string[], signal: AbortSignal): Promise<Reached> {
    let cause: unknown
    for (const address of addresses) {
      try {
        return await this.#dialOne(address, signal)
      } catch (error) {
        cause = error
      }
    }
    throw new MessengerError('DIAL_FAILED', 'None of the addresses answers', { cause })
  }

  #dialOne(address: string, signal?: AbortSignal): Promise<Reached> {
    const peer = nameOf(address)
    if (peer === undefined) {
      return Promise.reject(
        new MessengerError('ADDRESS_INVALID', `Not an address of this network: ${address}`)
      )
    }
    return new Promise((resolve, reject) => {
      this.#medium.clock.schedule(2 * this.#medium.latency(), () => {
        if (signal?.aborted === true) reject(new MessengerError('ABORTED', 'The dial was aborted'))
        else if (this.connect(peer)) resolve({ peer, address })
        else reject(new MessengerError('DIAL_FAILED', `Nobody answers at ${address}`))
      })
    })
  }
}
