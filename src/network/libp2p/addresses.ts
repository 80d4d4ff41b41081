import {
  CODE_IP4,
  CODE_IP6,
  CODE_P2P,
  CODE_P2P_CIRCUIT,
  CODE_TCP,
  CODE_WS,
  CODE_WSS,
  multiaddr
} from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { MessengerError } from '../../errors.js'
import type { PeerName } from '../network.js'
import { reachOf } from './ip.js'
import type { Reach } from './ip.js'

const ORDER: Readonly<Record<Reach | 'relayed', number>> = {
  private: 0,
  public: 1,
  relayed: 2,
  'link-local': 3,
  loopback: 4
}

/** Parses an address; throws `ADDRESS_INVALID`. */
export function parseAddress(text: string): Multiaddr {
  const message = `'${text}' is no address; write it as a multiaddr, such as /ip4/192.168.1.5/tcp/4001`
  try {
    const address = multiaddr(text)
    // Its bytes show what its text hides: a value that has no encoding, such as a peer id that is none.
    if (address.bytes.length > 0) return address
  } catch (cause) {
    throw new MessengerError('ADDRESS_INVALID', message, { cause })
  }
  throw new MessengerError('ADDRESS_INVALID', message)
}

/** The peer an address names at its end, or `undefined` if it names none or is no address. */
export function peerOf(text: string): PeerName | undefined {
  return /\/p2p\/([1-9A-HJ-NP-Za-km-z]+)$/.exec(text)?.[1]
}

/** The address without the peer it names; of one through a relay the whole, as the relay has to be told whom to connect to. */
export function withoutPeer(address: Multiaddr): string {
  return isRelayed(address) ? address.toString() : address.decapsulateCode(CODE_P2P).toString()
}

/** Whether the address leads through a relay: its host and port are the relay's. */
export function isRelayed(address: Multiaddr): boolean {
  return address.getComponents().some(({ code }) => code === CODE_P2P_CIRCUIT)
}

/** The IP address in a multiaddr, if it has one. */
export function ipOf(address: Multiaddr): string | undefined {
  return address.getComponents().find(({ code }) => code === CODE_IP4 || code === CODE_IP6)?.value
}

/** The TCP port, whatever is spoken on it. */
export function portOf(address: Multiaddr): number | undefined {
  const port = address.getComponents().find(({ code }) => code === CODE_TCP)?.value
  return port === undefined ? undefined : Number(port)
}

export function isWebSocket(address: Multiaddr): boolean {
  return address.getComponents().some(({ code }) => code === CODE_WS || code === CODE_WSS)
}

export function isIp6(address: Multiaddr): boolean {
  return address.getComponents()[0]?.code === CODE_IP6
}

/** LAN addresses first, then what is reached directly, then through relays, loopback last; IPv4 before IPv6, plain TCP before WebSocket. */
export function nearestFirst(one: Multiaddr, other: Multiaddr): -1 | 0 | 1 {
  const difference = rankOf(one) - rankOf(other)
  return difference < 0 ? -1 : difference > 0 ? 1 : 0
}

function rankOf(address: Multiaddr): number {
  const ip = ipOf(address)
  const reach = isRelayed(address) ? 'relayed' : ip === undefined ? 'public' : reachOf(ip)
  return ORDER[reach] * 4 + (isIp6(address) ? 2 : 0) + (isWebSocket(address) ? 1 : 0)
}
