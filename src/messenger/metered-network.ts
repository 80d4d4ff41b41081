import { MessengerError } from '../errors.js'
import type { Network, NetworkHandlers, PeerStream } from '../network/network.js'
import { publishCost, type Budget, type Traffic } from './budget.js'
import { HELD_PROTOCOL } from './carry/held-notices.js'

/**
 * The network as the messenger uses it: counts all that this device sends through it, and ends what is done for others when their share of the
 * budget is used up. Whether an own envelope may go, its publisher asks before. Not counted is what gossip and links need for themselves.
 */
export function meteredNetwork(network: Network, budget: Budget): Network {
  const listeners = (topic: string): number =>
    network.peers().filter(({ topics }) => topics.includes(topic)).length
  return {
    start: (handlers) => network.start(meteredHandlers(handlers, budget, listeners)),
    stop: () => network.stop(),
    join: (topic) => {
      network.join(topic)
    },
    leave: (topic) => {
      network.leave(topic)
    },
    publish: async (topic, envelope, options) => {
      // Counted before it leaves: what is published at the same time must not count on the same room.
      const expected = budget.isBounded ? publishCost(envelope.length, listeners(topic)) : 0
      budget.spend(expected)
      let recipients = 0
      try {
        const published = await network.publish(topic, envelope, options)
        ;({ recipients } = published)
        return published
      } finally {
        budget.spend(publishCost(envelope.length, recipients) - expected)
      }
    },
    request: async (peer, protocol, request, options) => {
      if (!budget.allows(trafficOf(protocol), request.length)) throw usedUp()
      budget.spend(request.length)
      return await network.request(peer, protocol, request, options)
    },
    openStream: async (peer, protocol, options) =>
      meteredStream(await network.openStream(peer, protocol, options), budget),
    dial: (address, options) => network.dial(address, options),
    keep: (links) => {
      network.keep(links)
    },
    peers: () => network.peers(),
    addresses: () => network.addresses(),
    ...(network.rest === undefined ? {} : { rest: (isResting) => network.rest?.(isResting) }),
    ...(network.lanStatus === undefined ? {} : { lanStatus: () => network.lanStatus?.() })
  }
}

function meteredHandlers(
  handlers: NetworkHandlers,
  budget: Budget,
  listeners: (topic: string) => number
): NetworkHandlers {
  return {
    ...handlers,
    inspect: (topic, parcel) => {
      const verdict = handlers.inspect(topic, parcel)
      if (verdict !== 'accept' || !budget.isBounded) return verdict
      // To everybody but whom it came from, at most.
      const cost = parcel.length * Math.max(0, listeners(topic) - 1)
      if (!budget.allows('foreign', cost)) return 'keep'
      budget.spend(cost)
      return 'accept'
    },
    onRequest: async (protocol, request, from) => {
      const response = await handlers.onRequest(protocol, request, from)
      if (response === undefined || !budget.allows('foreign', response.length)) return undefined
      budget.spend(response.length)
      return response
    },
    onStream: (protocol, stream) => {
      handlers.onStream(protocol, meteredStream(stream, budget))
    }
  }
}

function meteredStream(stream: PeerStream, budget: Budget): PeerStream {
  return {
    peer: stream.peer,
    send: async (message) => {
      budget.spend(message.length)
      await stream.send(message)
    },
    receive: () => stream.receive(),
    close: () => stream.close(),
    abort: () => {
      stream.abort()
    }
  }
}

/** Notices of what is held are for others; everything else asked is for oneself. */
function trafficOf(protocol: string): Traffic {
  return protocol === HELD_PROTOCOL ? 'foreign' : 'routine'
}

function usedUp(): MessengerError {
  return new MessengerError(
    'NETWORK_FAILED',
    'The budget of this hour is used up; it goes on when there is room'
  )
}
