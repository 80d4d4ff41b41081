import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import {
  DENY_MS,
  MAX_DENIED_PEERS,
  MAX_INBOUND_PER_PUBLIC_HOST_AND_SECOND,
  MAX_RATED_HOSTS
} from '../limits.js'
import type { PeerName } from '../network.js'
import { putNewest } from '../put-newest.js'
import { ipOf } from './addresses.js'
import type { Handshakes } from './handshakes.js'
import { hostOf, reachOf } from './ip.js'

/** Decides which connections may open: keeps offenders out for a while and slows down floods from public addresses. */
export interface Gatekeeper {
  readonly gater: ConnectionGater
  /** Keep a peer out for {@link DENY_MS}. */
  deny(peer: PeerName): void
  isDenied(peer: PeerName): boolean
}

/** What the gatekeeper asks about relays; without it, no relay leads to this node. */
export interface RelayRules {
  /** Whether this node is to be reached through that relay. */
  readonly isNamed: (relay: PeerName) => boolean
  /** A peer asks this node, as a relay, for a place. */
  readonly onReservation: (peer: PeerId) => void
}

export function createGatekeeper(clock: Clock, handshakes: Handshakes, relays?: RelayRules): Gatekeeper {
  const deniedUntil = new Map<PeerName, number>()
  const admissions = new Map<string, { second: number; count: number }>()
  /** What is to be called when the handshake of a connection is over. */
  const settles = new WeakMap<MultiaddrConnection, () => void>()

  const isDenied = (peer: PeerName): boolean => {
    const left = (deniedUntil.get(peer) ?? -Infinity) - clock.now()
    // More than it was when it began: the clock was set back.
    return left > 0 && left <= DENY_MS
  }

  function isFlooding(ip: string | undefined): boolean {
    if (ip === undefined || reachOf(ip) !== 'public') return false
    const second = Math.floor(clock.now() / 1_000)
    const known = admissions.get(ip)
    const count = known?.second === second ? known.count + 1 : 1
    putNewest(admissions, ip, { second, count }, MAX_RATED_HOSTS)
    return count > MAX_INBOUND_PER_PUBLIC_HOST_AND_SECOND
  }

  /** Whether there is no place for one more connection in its handshake; if there is, this has it until that is over. */
  function isCrowding(connection: MultiaddrConnection, ip: string | undefined): boolean {
    const drop = (): void => {
      connection.abort(new Error('Others wait who have fewer connections'))
    }
    const settle = handshakes.admit(hostOf(ip), drop)
    if (settle === undefined) return true
    settles.set(connection, settle)
    connection.addEventListener('close', settle)
    return false
  }

  return {
    isDenied,
    deny(peer) {
      putNewest(deniedUntil, peer, clock.now() + DENY_MS, MAX_DENIED_PEERS)
    },
    gater: {
      // Neighbours on a LAN are whom this is for; libp2p would not dial them from a browser.
      denyDialMultiaddr: () => false,
      denyDialPeer: (peer) => isDenied(peer.toString()),
      denyInboundConnection: (connection) => {
        const ip = ipOf(connection.remoteAddr)
        return isFlooding(ip) || isCrowding(connection, ip)
      },
      denyInboundEncryptedConnection: (peer) => isDenied(peer.toString()),
      // Who has said who it is may still say nothing of how to go on.
      denyInboundUpgradedConnection: (_peer, connection) => {
        settles.get(connection)?.()
        return false
      },
      denyOutboundEncryptedConnection: (peer) => isDenied(peer.toString()),
      denyInboundRelayReservation: (peer) => {
        if (isDenied(peer.toString())) return true
        relays?.onReservation(peer)
        return false
      },
      denyOutboundRelayedConnection: (from, to) => isDenied(from.toString()) || isDenied(to.toString()),
      denyInboundRelayedConnection: (relay, peer) =>
        relays?.isNamed(relay.toString()) !== true || isDenied(peer.toString())
    }
  }
}
