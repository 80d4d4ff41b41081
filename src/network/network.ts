/** How a network names a peer: opaque text, good for this network only. A peer is not a contact. */
export type PeerName = string

/** What a validator says of a parcel, before it is forwarded: `keep` takes it and forwards it to nobody; `reject` also lowers the sender's score. */
export type Verdict = 'accept' | 'keep' | 'ignore' | 'reject'

/** A peer this node has a link to. */
export interface NetworkPeer {
  readonly peer: PeerName
  /** The address of the link, as a multiaddr where the network has such. */
  readonly address: string
  readonly direction: 'inbound' | 'outbound'
  /** Epoch ms. */
  readonly since: number
  /** Topics this peer has subscribed to. */
  readonly topics: readonly string[]
  /** How long the peer last took to answer, ms, where the network measures it. */
  readonly roundTrip?: number
}

/** Somebody whose link the network keeps up and re-dials for ever: `id` is the caller's own name for it. */
export interface Link {
  readonly id: string
  readonly addresses: readonly string[]
}

/** Whole messages, in order, both ways, with one linked peer. It ends with the link at the latest. */
export interface PeerStream {
  readonly peer: PeerName
  /**
   * Send a message of at most `MAX_STREAM_MESSAGE` bytes. Resolves when another may follow, which says nothing of the other side: it holds
   * nobody back, so a protocol grants credit of its own. Rejects with `NETWORK_FAILED` if the stream is broken or closed, and with `TOO_LARGE`.
   */
  send(message: Uint8Array): Promise<void>
  /**
   * The next message; `undefined` once the other side has closed, be it because it left in good order. Rejects with `NETWORK_FAILED` if
   * the stream broke.
   */
  receive(): Promise<Uint8Array | undefined>
  /** Send no more; what was sent still arrives, and the other side may go on sending. */
  close(): Promise<void>
  /** Break it at once, for both. */
  abort(): void
}

/** What the network calls; each must return at once and never throw. */
export interface NetworkHandlers {
  /** Structural check of a parcel, synchronous and cheap: gossip waits for it before it forwards. */
  inspect(topic: string, parcel: Uint8Array): Verdict
  /** A parcel that `inspect` accepted or keeps, once per distinct parcel as far as the network remembers. */
  onParcel(topic: string, parcel: Uint8Array, from: PeerName): void
  /** A link appeared or vanished, or a peer joined or left a topic. */
  onPeers(): void
  /**
   * A peer joined `topic` (or linked and was in it) and can be written to: what is due there can be published again.
   * May be called more than once for the same peer.
   */
  onJoin(topic: string, peer: PeerName): void
  /** A direct request of a peer. `undefined` or a rejection closes the stream without an answer. */
  onRequest(protocol: string, request: Uint8Array, from: PeerName): Promise<Uint8Array | undefined>
  /** A peer opened a stream. It stays open until one side aborts it, both close it, or the link ends. */
  onStream(protocol: string, stream: PeerStream): void
}

/** What Hallig asks of a network: best-effort broadcast by topic, direct requests, and links that are kept up. */
export interface Network {
  /**
   * Listen, discover, connect. Idempotent while started. May be called again after `stop()`. Handlers may be called
   * before it resolves. Rejects with `ADDRESS_IN_USE`, `ADDRESS_INVALID`, `OPTIONS_INVALID` or `NETWORK_FAILED`.
   */
  start(handlers: NetworkHandlers): Promise<void>
  /** Close every link, socket and timer. Idempotent. */
  stop(): Promise<void>
  /** Take part in a topic, now and after each `start()`. Throws `OPTIONS_INVALID` for a topic the network was not made for. */
  join(topic: string): void
  leave(topic: string): void
  /**
   * Send one envelope to whoever is in the topic. Envelopes published while another publish is in flight travel together
   * in one parcel of at most `MAX_PARCEL_BYTES`. `recipients` counts the peers it was handed to: 0 means nobody was there
   * or the network is stopped, more means no more than that it left this process. Rejects with `TOO_LARGE` if it fits no
   * parcel, with `NETWORK_FAILED` if too much waits already (then the link is slower than the sender: try later).
   * What waits goes by `rank`, the greater first and apart from the others, so that it crosses a slow link before them. Default 0.
   */
  publish(
    topic: string,
    envelope: Uint8Array,
    options?: { readonly rank?: number }
  ): Promise<{ readonly recipients: number }>
  /**
   * Ask one linked peer. Rejects with `NETWORK_FAILED` if there is no link, no answer within 10 seconds or a too long one,
   * with `TOO_LARGE` for a request over `MAX_REQUEST_BYTES`, with `ABORTED`. Requests to one peer over one protocol
   * follow each other.
   */
  request(
    peer: PeerName,
    protocol: string,
    request: Uint8Array,
    options?: { readonly signal?: AbortSignal }
  ): Promise<Uint8Array>
  /**
   * Open a stream of messages to a linked peer. Rejects with `NETWORK_FAILED` if there is no link or it is not open within 10 seconds, with
   * `ABORTED`. Where the peer takes no such stream this rejects or, if that is not waited for, the stream breaks.
   */
  openStream(
    peer: PeerName,
    protocol: string,
    options?: { readonly signal?: AbortSignal }
  ): Promise<PeerStream>
  /** Link to an address now, and again whenever the link is lost. Rejects with `ADDRESS_INVALID`, `DIAL_FAILED`, `NOT_STARTED` or `ABORTED`. */
  dial(address: string, options?: { readonly signal?: AbortSignal }): Promise<PeerName>
  /** The links to keep up: replaces the list of the last call. Never gives up on one of them. */
  keep(links: readonly Link[]): void
  /** The peers linked now. */
  peers(): readonly NetworkPeer[]
  /** Addresses under which others can dial this node, best first. Empty while stopped. */
  addresses(): readonly string[]
  /** Save power: look for others on the local network, and for changes of it, ten times less often; `false`: as often as usual again. Optional. */
  rest?(isResting: boolean): void
  /** How discovery on the local network fares; absent or `undefined` where there is none. */
  lanStatus?(): LanStatus | undefined
}

/** What LAN discovery can say of itself. */
export interface LanStatus {
  /** Whether beacons travel: one came in, be it only this node's own. */
  readonly multicast: boolean
  /** Addresses of the interfaces beacons leave from. */
  readonly interfaces: readonly string[]
  /** Of these, where an own beacon came back: multicast works there, as far as this device goes. */
  readonly echoed: readonly string[]
  /** Nodes of this network heard within the last half minute. */
  readonly sightings: number
  /** The last failure of a socket, if the last attempt on it failed. */
  readonly lastError?: string
}
