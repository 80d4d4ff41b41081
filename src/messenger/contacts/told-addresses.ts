import { leadsThroughRelay } from '../../network/relayed.js'
import { MAX_ADDRESS_BYTES } from '../../protocol/limits.js'

/**
 * The first of a node's addresses that a card or a profile has room for; the last place is that of a relay, if there is one, without which a
 * node behind a NAT is told of in vain. One that leads back to the same device is told of where there is no other: elsewhere whoever dials it
 * knocks at a door of their own.
 */
export function toldAddresses(addresses: readonly string[], most: number): string[] {
  const fitting = addresses.filter((address) => address.length <= MAX_ADDRESS_BYTES)
  const relayed = fitting.filter(leadsThroughRelay)
  const outside = fitting.filter((address) => !leadsThroughRelay(address) && !leadsBack(address))
  const direct = outside.length + relayed.length > 0 ? outside : fitting
  const kept = relayed.length === 0 ? 0 : Math.max(1, most - direct.length)
  return [...direct.slice(0, most - kept), ...relayed.slice(0, kept)]
}

/** The peer at the end of a multiaddr. */
export function peerOf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1)
}

function leadsBack(address: string): boolean {
  return /^\/(?:ip4\/127\.|ip6\/::1\/)/.test(address)
}
