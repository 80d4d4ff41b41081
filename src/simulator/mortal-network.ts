import type { Network, NetworkHandlers } from '../network/network.js'
import { never, whileAlive, type Life } from './life.js'

/** A network of one life: at the death it falls silent, and the underlying one can be started again by the next. */
export function mortalNetwork(
  network: Network,
  life: Life,
  onPublish: (envelope: Uint8Array) => void
): Network {
  void life.died.then(() => network.stop())
  return {
    start: (handlers: NetworkHandlers) => (life.alive ? network.start(handlers) : never()),
    stop: () => (life.alive ? network.stop() : never()),
    join: (topic) => {
      if (life.alive) network.join(topic)
    },
    leave: (topic) => {
      if (life.alive) network.leave(topic)
    },
    publish: async (topic, envelope, options) => {
      if (!life.alive) return never()
      onPublish(envelope)
      return await whileAlive(life, network.publish(topic, envelope, options))
    },
    request: (peer, protocol, request, options) =>
      life.alive ? whileAlive(life, network.request(peer, protocol, request, options)) : never(),
    openStream: (peer, protocol, options) =>
      life.alive ? whileAlive(life, network.openStream(peer, protocol, options)) : never(),
    dial: (address, options) => (life.alive ? whileAlive(life, network.dial(address, options)) : never()),
    keep: (links) => {
      if (life.alive) network.keep(links)
    },
    peers: () => network.peers(),
    addresses: () => network.addresses()
  }
}
