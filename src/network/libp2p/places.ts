import type { Connection } from '@libp2p/interface'
import { MAX_CONNECTIONS, UNDISPUTED_PER_HOST } from '../limits.js'
import type { PeerName } from '../network.js'
import { ipOf } from './addresses.js'
import { hostOf } from './ip.js'

type Placed = Pick<Connection, 'direction' | 'remoteAddr' | 'remotePeer' | 'timeline'>

/**
 * The connection that has to go as there are more than {@link MAX_CONNECTIONS} since this one was opened. Never one that is kept, or that this node
 * dialled. A stranger that comes takes the place of the newest from the host with the most, as long as that has more than its own host and
 * {@link UNDISPUTED_PER_HOST}; else it goes itself. So one host with many connections keeps nobody out, and not even many of them keep out a contact.
 */
export function superfluous<Place extends Placed>(
  connections: readonly Place[],
  opened: Place,
  isKept: (peer: PeerName) => boolean
): Place | undefined {
  if (connections.length <= MAX_CONNECTIONS) return undefined
  const hosts = new Map<string, Place[]>()
  for (const connection of connections) {
    if (connection.direction === 'outbound' || isKept(connection.remotePeer.toString())) continue
    const host = hostOf(ipOf(connection.remoteAddr))
    hosts.set(host, [...(hosts.get(host) ?? []), connection])
  }
  const crowds = [...hosts.values()].sort((one, other) => other.length - one.length)
  const [largest] = crowds
  const own = crowds.find((crowd) => crowd.includes(opened))
  if (largest === undefined || own === undefined) return largest && newestOf(largest)
  const isDisputed = largest.length > Math.max(own.length, UNDISPUTED_PER_HOST)
  return isDisputed ? newestOf(largest) : opened
}

function newestOf<Place extends Placed>(connections: readonly Place[]): Place | undefined {
  return connections.reduce<Place | undefined>(
    (newest, connection) =>
      newest === undefined || connection.timeline.open >= newest.timeline.open ? connection : newest,
    undefined
  )
}
