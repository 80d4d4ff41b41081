import type { GossipSub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'
import { member } from '../../codec/member.js'
import { MessengerError } from '../../errors.js'

/** The gossipsub of a node. Throws `OPTIONS_INVALID` if it is of no use here, which nobody would be told later. */
export function pubsubOf(node: Libp2p, topics: readonly string[]): GossipSub {
  const { pubsub } = node.services
  if (!isGossipSub(pubsub) || pubsub.globalSignaturePolicy !== 'StrictNoSign')
    throw unusable('needs gossipsub, StrictNoSign, as its service `pubsub`: see docs/embedding.md')
  if (node.status !== 'started') throw unusable('is not started; call its start() first')
  // Not part of the declared interface. What others say of a topic that is not allowed is passed over.
  const allowed = member(pubsub, 'allowedTopics')
  const missing = allowed instanceof Set ? topics.find((topic) => !allowed.has(topic)) : undefined
  if (missing !== undefined)
    throw unusable(
      `allows no topic ${missing}; make its gossipsub with gossipsubOptions() of this network's name`
    )
  return pubsub
}

function unusable(why: string): MessengerError {
  return new MessengerError('OPTIONS_INVALID', `The libp2p node ${why}`)
}

function isGossipSub(service: unknown): service is GossipSub {
  return (
    typeof service === 'object' &&
    service !== null &&
    'topicValidators' in service &&
    'getSubscribers' in service
  )
}
