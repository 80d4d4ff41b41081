import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { GossipSub, GossipsubMessage, SubscriptionChangeData, TopicValidatorFn } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { turnEnd } from '#transports'
import type { Clock } from '../../clock.js'
import { MAX_PARCEL_BYTES } from '../../codec/parcel.js'
import { MAX_BACKLOG_WAIT_MS, MAX_STREAM_BACKLOG } from '../limits.js'
import type { NetworkHandlers, PeerName } from '../network.js'

export interface GossipOptions {
  readonly node: Libp2p
  readonly pubsub: GossipSub
  readonly handlers: NetworkHandlers
  readonly clock: Clock
  /** A peer sent something malformed or oversize. */
  readonly onOffence: (peer: PeerName) => void
}

/** Milliseconds between two looks for the stream to a peer that has joined a topic: from the first to the longest. */
const MIN_STREAM_WAIT_MS = 5
const MAX_STREAM_WAIT_MS = 500

const VERDICTS = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject
} as const

/** Topics, validation and publishing over one gossipsub. */
export class Gossip {
  readonly #options: GossipOptions
  readonly #topics = new Set<string>()
  readonly #validate: TopicValidatorFn
  #running = false

  constructor(options: GossipOptions) {
    this.#options = options
    this.#validate = (peer, { topic, data }) => {
      const verdict = data.length > MAX_PARCEL_BYTES ? 'reject' : options.handlers.inspect(topic, data)
      if (verdict === 'reject') options.onOffence(peer.toString())
      return VERDICTS[verdict]
    }
  }

  /** Listen, join the topics and report who is in them already. */
  begin(topics: Iterable<string>): void {
    const { pubsub } = this.#options
    this.#running = true
    pubsub.addEventListener('gossipsub:message', this.#onMessage)
    pubsub.addEventListener('subscription-change', this.#onSubscription)
    for (const topic of topics) {
      this.join(topic)
      for (const peer of pubsub.getSubscribers(topic)) this.#reportJoin(peer, [topic], MIN_STREAM_WAIT_MS)
    }
  }

  join(topic: string): void {
    this.#topics.add(topic)
    this.#options.pubsub.topicValidators.set(topic, this.#validate)
    this.#options.pubsub.subscribe(topic)
  }

  leave(topic: string): void {
    if (!this.#topics.delete(topic)) return
    this.#options.pubsub.unsubscribe(topic)
    this.#options.pubsub.topicValidators.delete(topic)
  }

  /** Leave every topic and listen no more; the node itself goes on. */
  stop(): void {
    const { pubsub } = this.#options
    this.#running = false
    pubsub.removeEventListener('gossipsub:message', this.#onMessage)
    pubsub.removeEventListener('subscription-change', this.#onSubscription)
    for (const topic of [...this.#topics]) this.leave(topic)
  }

  /** The number of peers that took the parcel. */
  async publish(topic: string, parcel: Uint8Array): Promise<number> {
    const { recipients } = await this.#options.pubsub.publish(topic, parcel)
    return recipients.length
  }

  /**
   * Resolves when this turn's other envelopes are there and no gossip stream has too much unsent. gossipsub itself
   * knows no back-pressure: it writes until the stream breaks. A peer too slow for the others delays them only so long.
   */
  async ready(): Promise<void> {
    await turnEnd()
    const congested = this.#options.node
      .getConnections()
      .flatMap((connection) => this.streamsOf(connection, 'outbound'))
      .filter((stream) => stream.writableNeedsDrain && stream.writeBufferLength > MAX_STREAM_BACKLOG)
    if (congested.length === 0) return
    const patience = new AbortController()
    const cancel = this.#options.clock.schedule(MAX_BACKLOG_WAIT_MS, () => {
      patience.abort()
    })
    // A stream that breaks meanwhile holds up nobody.
    await Promise.allSettled(congested.map((stream) => stream.onDrain({ signal: patience.signal })))
    cancel()
  }

  /** The open gossip streams of a connection in one direction. */
  streamsOf(connection: Connection, direction: 'inbound' | 'outbound'): Stream[] {
    const { protocols } = this.#options.pubsub
    return connection.streams.filter(
      (stream) =>
        stream.direction === direction && stream.status === 'open' && protocols.includes(stream.protocol)
    )
  }

  readonly #onMessage = ({ detail: { msg, propagationSource } }: CustomEvent<GossipsubMessage>): void => {
    if (this.#topics.has(msg.topic))
      this.#options.handlers.onParcel(msg.topic, msg.data, propagationSource.toString())
  }

  readonly #onSubscription = ({
    detail: { peerId, subscriptions }
  }: CustomEvent<SubscriptionChangeData>): void => {
    this.#options.handlers.onPeers()
    const joined = subscriptions.filter(({ subscribe }) => subscribe).map(({ topic }) => topic)
    if (joined.length > 0) this.#reportJoin(peerId, joined, MIN_STREAM_WAIT_MS)
  }

  /**
   * Reports that a peer is in these topics, once it can be written to: its subscriptions come before gossipsub has
   * opened the stream back to it, and what is published in between goes nowhere.
   */
  #reportJoin(peer: PeerId, topics: readonly string[], wait: number): void {
    if (!this.#running) return
    const { node, pubsub, clock, handlers } = this.#options
    const connections = node.getConnections(peer)
    if (connections.length === 0) return
    if (connections.some((connection) => this.streamsOf(connection, 'outbound').length > 0)) {
      for (const topic of topics) {
        if (pubsub.getSubscribers(topic).some((subscriber) => subscriber.equals(peer)))
          handlers.onJoin(topic, peer.toString())
      }
      return
    }
    clock.schedule(wait, () => {
      this.#reportJoin(peer, topics, Math.min(wait * 2, MAX_STREAM_WAIT_MS))
    })
  }

  /** Topics by peer, of those this node may join. */
  topicsOf(peer: PeerId, topics: readonly string[]): string[] {
    return topics.filter((topic) =>
      this.#options.pubsub.getSubscribers(topic).some((subscriber) => subscriber.equals(peer))
    )
  }
}
