import { networkInterfaces } from 'node:os'
import { BlockList, isIPv6 } from 'node:net'
import { reachOf } from '../ip.js'

/** One address of one interface of this device. */
export interface LocalAddress {
  /** The interface's name, such as `eth0`. */
  readonly zone: string
  readonly family: 4 | 6
  readonly ip: string
  /** Bits of the network part. */
  readonly prefix: number
  /** Where to shout to the whole subnet, IPv4 only. */
  readonly broadcast: string | undefined
}

/**
 * The addresses beacons can leave from. Link-local IPv6 is left out: libp2p cannot dial such an address, for it drops
 * the zone. So is ::1, for the loopback interface takes no IPv6 multicast; 127.0.0.1 serves there.
 */
export function localAddresses(): LocalAddress[] {
  const found: LocalAddress[] = []
  for (const [zone, addresses] of Object.entries(networkInterfaces())) {
    for (const { address, cidr, family } of addresses ?? []) {
      const prefix = Number(cidr?.split('/')[1] ?? (family === 'IPv4' ? 32 : 128))
      if (family === 'IPv4')
        found.push({ zone, family: 4, ip: address, prefix, broadcast: broadcastOf(address, prefix) })
      else if (reachOf(address) === 'private' || reachOf(address) === 'public')
        found.push({ zone, family: 6, ip: address, prefix, broadcast: undefined })
    }
  }
  return found
}

/** Whether a datagram from `ip` can be of a neighbour: a beacon from farther away is a forgery and must not make us dial. */
export function isNeighbour(ip: string, addresses: readonly LocalAddress[]): boolean {
  const family = isIPv6(ip) ? 'ipv6' : 'ipv4'
  return addresses.some((address) => {
    if ((address.family === 6) !== (family === 'ipv6')) return false
    const subnet = new BlockList()
    subnet.addSubnet(address.ip, address.prefix, family)
    return subnet.check(ip, family)
  })
}

function broadcastOf(ip: string, prefix: number): string | undefined {
  if (prefix >= 31) return undefined
  const octets = ip.split('.').map(Number)
  const hostBits = 32 - prefix
  return octets.map((octet, index) => octet | ((hostMask(hostBits) >>> (24 - 8 * index)) & 0xff)).join('.')
}

function hostMask(bits: number): number {
  return bits >= 32 ? 0xffff_ffff : 2 ** bits - 1
}
