import { MAX_LINK_ADDRESSES, MAX_PARALLEL_DIALS, MAX_REDIAL_MS, MIN_REDIAL_MS } from './limits.js'
import type { Link } from './network.js'

/**
 * Which link to dial when: a state machine without clock or sockets. It never gives up on a link, spreads its dials by
 * full jitter, and starts anew when anything suggests that a dial would work now.
 */
export interface LinkSupervisor {
  readonly links: ReadonlyMap<string, SupervisedLink>
}

export interface SupervisedLink {
  readonly id: string
  /** Best first: those that worked last come before those that never did. */
  readonly addresses: readonly LinkAddress[]
  readonly phase: 'waiting' | 'dialling' | 'linked'
  /** Dials in a row that failed. */
  readonly failures: number
  /** Whether the peer has said who it is since it was linked; meant while `linked`. */
  readonly isGreeted: boolean
  /** Links in a row that ended before that. */
  readonly ungreeted: number
  /** Epoch ms; meant while `waiting`. */
  readonly nextDialAt: number
}

export interface LinkAddress {
  readonly address: string
  /** Epoch ms of the last dial that worked, or `undefined`. */
  readonly lastSuccess: number | undefined
}

/** A dial to make now: the addresses of one link, in the order to try. */
export interface Dial {
  readonly id: string
  readonly addresses: readonly string[]
}

export function createLinkSupervisor(): LinkSupervisor {
  return { links: new Map() }
}

/** Replace the list of links: new ones and those with a new address are due at once, the others go on as they are. */
export function keepLinks(state: LinkSupervisor, links: readonly Link[], now: number): LinkSupervisor {
  const kept = new Map<string, SupervisedLink>()
  for (const link of links) kept.set(link.id, mergeLink(state.links.get(link.id), link, now))
  return { links: kept }
}

/** When `wake` has something to do, epoch ms; `undefined` if only an event can change that. */
export function nextWakeAt(state: LinkSupervisor): number | undefined {
  if (freeDials(state) === 0) return undefined
  let first: number | undefined
  for (const link of state.links.values()) {
    if (canDial(link) && (first === undefined || link.nextDialAt < first)) first = link.nextDialAt
  }
  return first
}

/** The dials that are due: the longest waiting first, never more than {@link MAX_PARALLEL_DIALS} at once. */
export function wake(
  state: LinkSupervisor,
  now: number
): { readonly state: LinkSupervisor; readonly dials: readonly Dial[] } {
  const due = [...state.links.values()]
    .filter((link) => canDial(link) && isDue(link, now))
    .sort((one, other) => one.nextDialAt - other.nextDialAt)
    .slice(0, freeDials(state))
  if (due.length === 0) return { state, dials: [] }
  const links = new Map(state.links)
  for (const link of due) links.set(link.id, { ...link, phase: 'dialling' })
  return {
    state: { links },
    dials: due.map(({ id, addresses }) => ({ id, addresses: addresses.map(({ address }) => address) }))
  }
}

/** The link is up, by a dial of `address` or by the peer's own. */
export function linkUp(
  state: LinkSupervisor,
  id: string,
  address: string | undefined,
  now: number
): LinkSupervisor {
  const link = state.links.get(id)
  if (link === undefined) return state
  const addresses = link.addresses.map((known) =>
    known.address === address ? { address, lastSuccess: now } : known
  )
  const isGreeted = link.phase === 'linked' && link.isGreeted
  return withLink(state, {
    ...link,
    addresses: bestFirst(addresses),
    phase: 'linked',
    failures: 0,
    isGreeted
  })
}

/** The peer of a link that is up has said who it is. */
export function linkGreeted(state: LinkSupervisor, id: string): LinkSupervisor {
  const link = state.links.get(id)
  return link?.phase === 'linked' ? withLink(state, { ...link, isGreeted: true }) : state
}

/** A dial failed: wait between nothing and the doubled bound. `random` is a number in [0, 1). */
export function dialFailed(state: LinkSupervisor, id: string, now: number, random: number): LinkSupervisor {
  const link = state.links.get(id)
  if (link?.phase !== 'dialling') return state
  const failures = link.failures + 1
  return withLink(state, {
    ...link,
    phase: 'waiting',
    failures,
    nextDialAt: now + redialDelay(failures, random)
  })
}

/**
 * The link was lost: dial again soon, but not all of a hub's leaves in the same instant, and ever later if that happens before the peer has said who
 * it is, as where it has no place left. `random` is in [0, 1).
 */
export function linkDown(state: LinkSupervisor, id: string, now: number, random: number): LinkSupervisor {
  const link = state.links.get(id)
  if (link?.phase !== 'linked') return state
  const ungreeted = link.isGreeted ? 0 : link.ungreeted + 1
  const nextDialAt = now + redialDelay(ungreeted, random)
  return withLink(state, { ...link, phase: 'waiting', failures: ungreeted, ungreeted, nextDialAt })
}

/** Something changed (an interface, a sighting, the user's wish): forget failures and dial at once, all or those with these ids. */
export function resetLinks(
  state: LinkSupervisor,
  now: number,
  ids: Iterable<string> = state.links.keys()
): LinkSupervisor {
  const links = new Map(state.links)
  for (const id of ids) {
    const link = state.links.get(id)
    if (link === undefined) continue
    links.set(id, { ...link, failures: 0, ungreeted: 0, nextDialAt: Math.min(link.nextDialAt, now) })
  }
  return { links }
}

/** Milliseconds: evenly between 0 and min(300 s, 1 s · 2^failures). */
function redialDelay(failures: number, random: number): number {
  return random * Math.min(MAX_REDIAL_MS, MIN_REDIAL_MS * 2 ** Math.min(failures, 30))
}

function canDial(link: SupervisedLink): boolean {
  return link.phase === 'waiting' && link.addresses.length > 0
}

/** A time that is farther ahead than any wait is of before the clock was set back. */
function isDue({ nextDialAt }: SupervisedLink, now: number): boolean {
  return nextDialAt <= now || nextDialAt > now + MAX_REDIAL_MS
}

function freeDials(state: LinkSupervisor): number {
  let dialling = 0
  for (const link of state.links.values()) if (link.phase === 'dialling') dialling += 1
  return Math.max(0, MAX_PARALLEL_DIALS - dialling)
}

function withLink(state: LinkSupervisor, link: SupervisedLink): LinkSupervisor {
  return { links: new Map(state.links).set(link.id, link) }
}

function mergeLink(known: SupervisedLink | undefined, link: Link, now: number): SupervisedLink {
  const wanted = [...new Set(link.addresses)].slice(0, MAX_LINK_ADDRESSES)
  if (known === undefined) {
    const addresses = wanted.map((address) => ({ address, lastSuccess: undefined }))
    return {
      id: link.id,
      addresses,
      phase: 'waiting',
      failures: 0,
      isGreeted: false,
      ungreeted: 0,
      nextDialAt: now
    }
  }
  const successes = new Map(known.addresses.map(({ address, lastSuccess }) => [address, lastSuccess]))
  const addresses = bestFirst(wanted.map((address) => ({ address, lastSuccess: successes.get(address) })))
  if (wanted.every((address) => successes.has(address))) return { ...known, addresses }
  return { ...known, addresses, failures: 0, ungreeted: 0, nextDialAt: Math.min(known.nextDialAt, now) }
}

function bestFirst(addresses: readonly LinkAddress[]): readonly LinkAddress[] {
  return addresses.toSorted((one, other) => (other.lastSuccess ?? -1) - (one.lastSuccess ?? -1))
}
