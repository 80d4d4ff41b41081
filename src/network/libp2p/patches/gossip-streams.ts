import type { gossipsub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import { replacing } from './replacing.js'

type GossipFactory = ReturnType<typeof gossipsub>
type Components = Parameters<GossipFactory>[0]
type Registrar = Components['registrar']
type Peers = Pick<Components['peerStore'], 'has' | 'get'>

/**
 * gossipsub that offers a peer one version of its protocol: the best of which the peer has said that it speaks it. So it need not wait for an answer
 * before it writes, and a peer that gives none holds up nobody: gossipsub opens the streams to all peers one after the other.
 */
export function withPromptStreams(create: GossipFactory): GossipFactory {
  return (components) => {
    const { registrar, peerStore } = components
    const prompt = handingOver(registrar, (connection) => opening(connection, peerStore))
    return create(replacing(components, 'registrar', prompt))
  }
}

/** The same registrar, which hands over other connections. */
function handingOver(registrar: Registrar, change: (connection: Connection) => Connection): Registrar {
  const handle: Registrar['handle'] = (protocol, handler, options) =>
    registrar.handle(protocol, (stream, connection) => handler(stream, change(connection)), options)
  const register: Registrar['register'] = (protocol, topology) =>
    registrar.register(protocol, {
      ...topology,
      onConnect: (peer, connection) => topology.onConnect?.(peer, change(connection))
    })
  return replacing(replacing(registrar, 'handle', handle), 'register', register)
}

/** The same connection, whose streams are opened for one protocol where it is known which. */
function opening(connection: Connection, peers: Peers): Connection {
  const newStream: Connection['newStream'] = async (protocols, options) => {
    const offered = [protocols].flat()
    const spoken = await spokenBy(connection.remotePeer, peers)
    const best = offered.find((protocol) => spoken.includes(protocol))
    return connection.newStream(best ?? offered, { ...options, negotiateFully: false })
  }
  return replacing(connection, 'newStream', newStream)
}

async function spokenBy(peer: PeerId, peers: Peers): Promise<readonly string[]> {
  return (await peers.has(peer)) ? (await peers.get(peer)).protocols : []
}
