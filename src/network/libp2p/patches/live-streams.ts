import type { gossipsub } from '@libp2p/gossipsub'
import { member } from '../../../codec/member.js'

type GossipFactory = ReturnType<typeof gossipsub>

/**
 * gossipsub that keeps no outbound stream which is over when it gets it. libp2p hands such a one over where the connection ended while it noted the
 * protocol; the event that would make gossipsub forget it (js-libp2p#3531) has passed then. It would take the peer, back on another connection,
 * for one that it can write to, open no stream, and be mute until the guard closes the link after half a minute.
 */
export function withLiveStreams(create: GossipFactory): GossipFactory {
  return (components) => Object.assign(create(components), { streamsOutbound: new LiveStreams() })
}

/** gossipsub's streams by peer, of which those that are over are not taken. */
class LiveStreams extends Map<string, unknown> {
  override set(peer: string, stream: unknown): this {
    return isOver(stream) ? this : super.set(peer, stream)
  }
}

function isOver(stream: unknown): boolean {
  const raw = member(stream, 'rawStream')
  return raw !== undefined && member(raw, 'status') !== 'open'
}
