import { CODE_IP4, CODE_IP6, CODE_TCP, multiaddr } from '@multiformats/multiaddr'
import type { Multiaddr } from '@multiformats/multiaddr'
import { Reader } from '../../../codec/reader.js'
import { Writer } from '../../../codec/writer.js'
import { MAX_PUNCH_ENDPOINTS } from '../../limits.js'
import { ipOf, isIp6, parseAddress, portOf } from '../addresses.js'
import { isPublicUnicast } from '../ip.js'

/** Of a multiaddr of an IP address and a TCP port: two codes, 16 bytes, two bytes. */
const MAX_ENDPOINT_BYTES = 20
/** Below it are the services of hosts: nobody dials from there. */
const MIN_PORT = 1_024

/** `IP address ‖ TCP port` at which somebody who is behind a NAT would be seen by the other side of it. */
export type Endpoint = Multiaddr

/** The endpoint of a textual IP address and a port. */
export function endpointAt(ip: string, port: number): Endpoint {
  return parseAddress(`/${ip.includes(':') ? 'ip6' : 'ip4'}/${ip}/tcp/${String(port)}`)
}

export const familyOf = (endpoint: Endpoint): 4 | 6 => (isIp6(endpoint) ? 6 : 4)

/** `count u8 ‖ (length u16 ‖ multiaddr) …` */
export function encodeEndpoints(endpoints: readonly Endpoint[]): Uint8Array {
  const writer = new Writer(1 + endpoints.length * (2 + MAX_ENDPOINT_BYTES)).u8(endpoints.length)
  for (const { bytes } of endpoints) writer.prefixed(bytes)
  return writer.finish()
}

/**
 * The endpoints in a message, or `undefined` if it is none. Only what is public is one: who dials where a stranger says must not be sent to a router's
 * door, or to a neighbour.
 */
export function decodeEndpoints(message: Uint8Array): Endpoint[] | undefined {
  const reader = new Reader(message)
  const count = reader.u8()
  if (count > MAX_PUNCH_ENDPOINTS) return undefined
  const endpoints: Endpoint[] = []
  for (let at = 0; at < count; at += 1) {
    const endpoint = endpointOf(reader.prefixed(MAX_ENDPOINT_BYTES))
    if (endpoint === undefined) return undefined
    endpoints.push(endpoint)
  }
  return reader.finished() ? endpoints : undefined
}

function endpointOf(bytes: Uint8Array): Endpoint | undefined {
  try {
    const address = multiaddr(bytes)
    const [host, transport, ...more] = address.getComponents().map(({ code }) => code)
    if ((host !== CODE_IP4 && host !== CODE_IP6) || transport !== CODE_TCP || more.length > 0)
      return undefined
    return isPublicUnicast(ipOf(address) ?? '') && (portOf(address) ?? 0) >= MIN_PORT ? address : undefined
  } catch {
    return undefined
  }
}
