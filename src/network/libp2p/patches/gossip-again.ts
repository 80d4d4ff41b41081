import type { gossipsub, GossipSub } from '@libp2p/gossipsub'
import type { Connection, PeerId } from '@libp2p/interface'
import { replacing } from './replacing.js'

type GossipFactory = ReturnType<typeof gossipsub>
type Registrar = Parameters<GossipFactory>[0]['registrar']

/** What this adds to gossipsub. */
interface GreetsAgain {
  /** Open the stream to a peer over this connection, if there is none. */
  greetAgain(peer: PeerId, connection: Connection): void
}

/**
 * gossipsub that can be told of a peer again. It greets a peer when libp2p says that it is connected, which is said of its first connection only: when that
 * closes and another stays, as when two who met through a relay have a direct link at last, no gossip would flow between them.
 */
export function withSecondGreetings(create: GossipFactory): GossipFactory {
  return (components) => {
    const { registrar } = components
    let greet: ((peer: PeerId, connection: Connection) => unknown) | undefined
    const register: Registrar['register'] = (protocol, topology) => {
      greet = (peer, connection) => topology.onConnect?.(peer, connection)
      return registrar.register(protocol, topology)
    }
    const added: GreetsAgain = {
      greetAgain(peer, connection) {
        greet?.(peer, connection)
      }
    }
    return Object.assign(
      create(replacing(components, 'registrar', replacing(registrar, 'register', register))),
      added
    )
  }
}

/** Greet a peer over a connection; false if this gossipsub, that of a node that is not ours, cannot be told to. */
export function greetAgain(pubsub: GossipSub, connection: Connection): boolean {
  if (!canGreetAgain(pubsub)) return false
  pubsub.greetAgain(connection.remotePeer, connection)
  return true
}

function canGreetAgain(pubsub: GossipSub): pubsub is GossipSub & GreetsAgain {
  return 'greetAgain' in pubsub
}
