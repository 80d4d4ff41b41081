import { TopicValidatorResult } from '@libp2p/gossipsub'
import type { GossipSub, GossipsubMessage, SubscriptionChangeData, TopicValidatorFn } from '@libp2p/gossipsub'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import { turnEnd } from '#transports'
import type { Clock } from '../../clock.js'
import { member } from '../../codec/member.js'
import { MAX_PARCEL_BYTES } from '../../codec/parcel.js'
import { MAX_BACKLOG_WAIT_MS, MAX_STREAM_BACKLOG } from '../limits.js'
import type { NetworkHandlers, PeerName } from '../network.js'
import { answers } from './liveness.js'

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
  // gossipsub hands over only what it forwards.
  keep: TopicValidatorResult.Ignore,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject
} as const

/** Topics, validation and publishing over one gossipsub. */
export class Gossip {
  readonly #options: GossipOptions
  readonly #topics = new Set<string>()
  readonly #validate: TopicValidatorFn
  /** Peers not reported yet, and the topics they joined. */
  readonly #joining = new Map<PeerName, Set<string>>()
  #running = false

  constructor(options: GossipOptions) {
    this.#options = options
    this.#validate = (peer, { topic, data }) => {
      const verdict = data.length > MAX_PARCEL_BYTES ? 'reject' : options.handlers.inspect(topic, data)
      if (verdict === 'reject') options.onOffence(peer.toString())
      if (verdict === 'keep' && this.#topics.has(topic))
        options.handlers.onParcel(topic, data, peer.toString())
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
      for (const peer of pubsub.getSubscribers(topic)) this.#joined(peer, topic)
    }
  }

  join(topic: string): void {
    const { node, pubsub } = this.#options
    this.#topics.add(topic)
    pubsub.topicValidators.set(topic, this.#validate)
    if (node.status === 'started') pubsub.subscribe(topic)
  }

  leave(topic: string): void {
    const { node, pubsub } = this.#options
    if (!this.#topics.delete(topic)) return
    // An app may stop its node first: there is nothing left to leave then, and gossipsub throws.
    if (node.status === 'started') pubsub.unsubscribe(topic)
    pubsub.topicValidators.delete(topic)
  }

  /** Join the topics once more: gossipsub forgets them when its node stops. */
  rejoin(): void {
    for (const topic of this.#topics) this.join(topic)
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
    // Not by the clock: that of an app may take a millisecond for a delay of 0, which is three times what a small parcel takes, or pass only when it is told to.
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
    if (!this.#topics.has(msg.topic)) return
    this.#options.handlers.onParcel(msg.topic, msg.data, propagationSource.toString())
  }

  readonly #onSubscription = ({
    detail: { peerId, subscriptions }
  }: CustomEvent<SubscriptionChangeData>): void => {
    this.#options.handlers.onPeers()
    const joined = subscriptions.filter(({ subscribe }) => subscribe).map(({ topic }) => topic)
    for (const topic of joined) this.#joined(peerId, topic)
  }

  /** A peer is in a topic: to be reported once it can be written to. */
  #joined(peer: PeerId, topic: string): void {
    const waiting = this.#joining.get(peer.toString())
    if (waiting !== undefined) {
      waiting.add(topic)
      return
    }
    this.#joining.set(peer.toString(), new Set([topic]))
    void this.#reportJoins(peer)
  }

  /**
   * A peer's subscriptions come before gossipsub has the stream back to it, and while a dead connection of it may still
   * be taken for open: what is published in between goes nowhere. gossipsub tells nobody when it has the stream.
   */
  async #reportJoins(peer: PeerId): Promise<void> {
    const { node, pubsub, clock, handlers } = this.#options
    for (
      let wait = MIN_STREAM_WAIT_MS;
      !(await this.#canWrite(peer));
      wait = Math.min(2 * wait, MAX_STREAM_WAIT_MS)
    ) {
      await new Promise<void>((resolve) => {
        clock.schedule(wait, resolve)
      })
      if (!this.#running || node.getConnections(peer).length === 0) break
    }
    const topics = this.#joining.get(peer.toString()) ?? []
    this.#joining.delete(peer.toString())
    if (!this.#running) return
    for (const topic of topics) {
      const isThere = pubsub.getSubscribers(topic).some((subscriber) => subscriber.equals(peer))
      if (isThere) handlers.onJoin(topic, peer.toString())
    }
  }

  async #canWrite(peer: PeerId): Promise<boolean> {
    const { node, pubsub, clock } = this.#options
    const connections = node.getConnections(peer)
    const carrying = connections.find((connection) => this.streamsOf(connection, 'outbound').length > 0)
    if (carrying === undefined || !hasStreamTo(pubsub, peer.toString())) return false
    return connections.length === 1 || answers(carrying, clock)
  }

  /** Who is in a topic. */
  membersOf(topic: string): ReadonlySet<PeerName> {
    return new Set(this.#options.pubsub.getSubscribers(topic).map(String))
  }
}

/**
 * Whether gossipsub itself has a stream to the peer: a connection shows one as open while libp2p still notes its
 * protocol, and hands it over then. Not part of the declared interface, so `true` where it is missing.
 */
function hasStreamTo(pubsub: GossipSub, peer: PeerName): boolean {
  const streams = member(pubsub, 'streamsOutbound')
  return !(streams instanceof Map) || streams.has(peer)
}
