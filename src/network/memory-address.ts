import type { PeerName } from './network.js'

const PREFIX = '/memory/'

/** The address at which a node of a memory network is dialled. */
export function addressOf(name: PeerName): string {
  return PREFIX + name
}

/** The node at an address; `undefined` if it is none of such a network. */
export function nameOf(address: string): PeerName | undefined {
  return address.startsWith(PREFIX) ? address.slice(PREFIX.length) : undefined
}
