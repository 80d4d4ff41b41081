import type { Link } from '../../network.js'

/** Milliseconds after its last beacon until a node is forgotten: three beacons missed, and a little. */
export const SIGHTING_TTL_MS = 35_000
/**
 * Milliseconds for which the node with the smaller id waits for the other's dial: both hear each other at the same
 * moment, and one connection is enough.
 */
export const YIELD_MS = 1_500
/** Nodes remembered: more than a hall full of phones. */
export const MAX_SIGHTINGS = 128
/** Of these, with one IP address; a forger on the LAN cannot crowd out the others. */
export const MAX_SIGHTINGS_PER_IP = 32
/** Addresses per node: one for each of the interfaces we share. */
export const MAX_ADDRESSES_PER_SIGHTING = 4

/** Who was heard on the LAN: plain data, by beacon id as hex. */
export type Sightings = ReadonlyMap<string, Sighting>

export interface Sighting {
  readonly addresses: readonly string[]
  readonly ip: string
  /** Epoch ms. */
  readonly firstSeenAt: number
  readonly lastSeenAt: number
}

/** What one beacon says: who, from where, and how to dial it. */
export interface Heard {
  readonly id: string
  readonly ip: string
  readonly address: string
}

/** `news` tells whether the links to dial changed. A full table takes nobody new until someone falls silent. */
export function sight(
  sightings: Sightings,
  { id, ip, address }: Heard,
  now: number
): { readonly sightings: Sightings; readonly news: boolean } {
  const known = sightings.get(id)
  if (known === undefined && !hasRoom(sightings, ip)) return { sightings, news: false }
  const addresses = known?.addresses ?? []
  const news = !addresses.includes(address)
  const seen: Sighting = {
    // The newest first: a node that moved is not where it was.
    addresses: news ? [address, ...addresses].slice(0, MAX_ADDRESSES_PER_SIGHTING) : addresses,
    ip: known?.ip ?? ip,
    firstSeenAt: known?.firstSeenAt ?? now,
    lastSeenAt: now
  }
  return { sightings: new Map(sightings).set(id, seen), news }
}

/** Forget who fell silent, and everybody when the clock was set back: who still calls is heard within seconds. */
export function expire(sightings: Sightings, now: number): Sightings {
  const isSilent = ({ lastSeenAt }: Sighting): boolean => Math.abs(now - lastSeenAt) > SIGHTING_TTL_MS
  return [...sightings.values()].some(isSilent)
    ? new Map([...sightings].filter(([, sighting]) => !isSilent(sighting)))
    : sightings
}

/** The nodes to dial now, and when there will be more: those of a greater id than `ownId` have their time to dial us. */
export function dialable(
  sightings: Sightings,
  ownId: string,
  now: number
): { readonly links: readonly Link[]; readonly nextAt: number | undefined } {
  const links: Link[] = []
  let nextAt: number | undefined
  for (const [id, { addresses, firstSeenAt }] of sightings) {
    const dialAt = id < ownId ? firstSeenAt : firstSeenAt + YIELD_MS
    if (dialAt <= now) links.push({ id, addresses })
    else if (nextAt === undefined || dialAt < nextAt) nextAt = dialAt
  }
  return { links, nextAt }
}

function hasRoom(sightings: Sightings, ip: string): boolean {
  if (sightings.size >= MAX_SIGHTINGS) return false
  let same = 0
  for (const sighting of sightings.values()) if (sighting.ip === ip) same += 1
  return same < MAX_SIGHTINGS_PER_IP
}
