/**
 * Whether an address leads through a relay of libp2p: its host and port are the relay's. Told by its text, as one that this version cannot
 * parse must not hold up the others.
 */
export function leadsThroughRelay(address: string): boolean {
  return address.includes('/p2p-circuit')
}
