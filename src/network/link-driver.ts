import type { Clock } from '../clock.js'
import { MAX_DIALLED_LINKS } from './limits.js'
import {
  createLinkSupervisor,
  dialFailed,
  keepLinks,
  linkDown,
  linkGreeted,
  linkUp,
  nextWakeAt,
  resetLinks,
  wake
} from './link-supervisor.js'
import type { Dial, LinkSupervisor, SupervisedLink } from './link-supervisor.js'
import type { Link, PeerName } from './network.js'
import { putNewest } from './put-newest.js'

export interface LinkDriverOptions {
  readonly clock: Clock
  /** A number in [0, 1). */
  readonly random: () => number
  /** Try the addresses in this order; rejects if none answers. */
  readonly dial: (addresses: readonly string[], signal: AbortSignal) => Promise<Reached>
  /** The peer an address names, if it names one. */
  readonly peerOf: (address: string) => PeerName | undefined
  readonly isLinked: (peer: PeerName) => boolean
  /** Told of each dial that failed; it is tried again in any case. */
  readonly onFailure?: (id: string, error: unknown) => void
}

/** Who answered, and at which address. */
export interface Reached {
  readonly peer: PeerName
  readonly address: string
}

/** The source of the links that the caller of a network keeps. */
export const KEPT = 'kept'
/** The source of links with peers that somebody dialled by hand. */
const DIALLED = 'dialled'

/** Dials what the link supervisor says, when it says so. */
export interface LinkDriver {
  start(): void
  /** Stops dialling and aborts dials under way; the links are remembered. */
  stop(): void
  /** Replace the links of one source (the caller's, the bootstrap list's, the LAN's); their ids need be unique only in it. */
  keep(source: string, links: readonly Link[]): void
  /** `peer` was dialled by hand at `address`: that link is kept up too. The oldest of {@link MAX_DIALLED_LINKS} makes room. */
  dialled(reached: Reached): void
  /** A connection to `peer` opened. */
  linked(peer: PeerName): void
  /** `peer`, which is linked, said who it is; `addresses` are those it can be dialled at, as far as known. */
  greeted(peer: PeerName, addresses: readonly string[]): void
  /** The last connection to `peer` closed. */
  unlinked(peer: PeerName): void
  /** Whether a link of this source is with `peer`. */
  isKept(source: string, peer: PeerName): boolean
  /** Something changed that makes dials worth while now: all, or those to one peer. */
  reset(peer?: PeerName): void
}

export function createLinkDriver(options: LinkDriverOptions): LinkDriver {
  return new Driver(options)
}

class Driver implements LinkDriver {
  readonly #options: LinkDriverOptions
  readonly #sources = new Map<string, readonly Link[]>()
  /** Which peer answered for a link whose addresses do not say. */
  readonly #learned = new Map<string, PeerName>()
  /** Where each peer that was dialled by hand answered last. */
  readonly #dialled = new Map<PeerName, string>()
  /** Where peers linked now have said that they listen: a link that is kept later may be with one of them. */
  readonly #listening = new Map<PeerName, readonly string[]>()
  #state: LinkSupervisor = createLinkSupervisor()
  #running: AbortController | undefined
  #cancelTimer: () => void = () => undefined

  constructor(options: LinkDriverOptions) {
    this.#options = options
  }

  start(): void {
    this.#running ??= new AbortController()
    this.reset()
  }

  stop(): void {
    this.#running?.abort()
    this.#running = undefined
    this.#cancelTimer()
    this.#listening.clear()
    for (const { id } of this.#state.links.values()) this.#state = linkDown(this.#state, id, this.#now(), 0)
  }

  keep(source: string, links: readonly Link[]): void {
    const named = links.map((link) => ({ ...link, id: linkId(source, link.id) }))
    this.#sources.set(source, named)
    this.#state = keepLinks(this.#state, [...this.#sources.values()].flat(), this.#now())
    for (const id of this.#learned.keys()) if (!this.#state.links.has(id)) this.#learned.delete(id)
    this.#markLinked()
    this.#pump()
  }

  dialled({ peer, address }: Reached): void {
    putNewest(this.#dialled, peer, address, MAX_DIALLED_LINKS)
    this.#learned.set(linkId(DIALLED, peer), peer)
    this.keep(
      DIALLED,
      [...this.#dialled].map(([id, known]) => ({ id, addresses: [known] }))
    )
  }

  linked(peer: PeerName): void {
    for (const id of this.#linksWith(peer)) this.#state = linkUp(this.#state, id, undefined, this.#now())
    this.#pump()
  }

  greeted(peer: PeerName, addresses: readonly string[]): void {
    // What it said may be understood only when it has gone again: nobody would say that the link is down then.
    if (!this.#options.isLinked(peer)) return
    this.#listening.set(peer, addresses)
    for (const id of this.#linksWith(peer, addresses)) {
      if (addresses.length > 0) this.#learned.set(id, peer)
      this.#state = linkGreeted(linkUp(this.#state, id, undefined, this.#now()), id)
    }
    this.#pump()
  }

  unlinked(peer: PeerName): void {
    this.#listening.delete(peer)
    for (const id of this.#linksWith(peer)) {
      this.#state = linkDown(this.#state, id, this.#now(), this.#options.random())
    }
    this.#pump()
  }

  isKept(source: string, peer: PeerName): boolean {
    return this.#linksWith(peer).some((id) => id.startsWith(linkId(source, '')))
  }

  reset(peer?: PeerName): void {
    const ids = peer === undefined ? undefined : this.#linksWith(peer)
    this.#state = resetLinks(this.#state, this.#now(), ids)
    this.#pump()
  }

  #now(): number {
    return this.#options.clock.now()
  }

  /** Start the dials that are due, and come back when there will be others. */
  #pump(): void {
    this.#cancelTimer()
    if (this.#running === undefined) return
    const { state, dials } = wake(this.#state, this.#now())
    this.#state = state
    for (const due of dials) void this.#dial(due, this.#running.signal)
    const wakeAt = nextWakeAt(this.#state)
    if (wakeAt === undefined) return
    this.#cancelTimer = this.#options.clock.schedule(Math.max(0, wakeAt - this.#now()), () => {
      this.#pump()
    })
  }

  async #dial(due: Dial, signal: AbortSignal): Promise<void> {
    const { dial, isLinked, random, onFailure } = this.#options
    try {
      const { peer, address } = await dial(due.addresses, signal)
      this.#learned.set(due.id, peer)
      this.#state = linkUp(this.#state, due.id, address, this.#now())
      // It may have gone again before this promise settled.
      if (!isLinked(peer)) this.#state = linkDown(this.#state, due.id, this.#now(), random())
    } catch (error) {
      this.#state = dialFailed(this.#state, due.id, this.#now(), random())
      if (!signal.aborted) onFailure?.(due.id, error)
    }
    if (!signal.aborted) this.#pump()
  }

  #linksWith(peer: PeerName, listening: readonly string[] = []): string[] {
    const { peerOf } = this.#options
    return [...this.#state.links.values()]
      .filter(({ id, addresses }) => {
        if (this.#learned.get(id) === peer) return true
        return addresses.some(({ address }) => peerOf(address) === peer || listening.includes(address))
      })
      .map(({ id }) => id)
  }

  #markLinked(): void {
    for (const link of this.#state.links.values()) {
      const peer = this.#peerBehind(link)
      if (peer === undefined || link.phase !== 'waiting' || !this.#options.isLinked(peer)) continue
      this.#learned.set(link.id, peer)
      this.#state = linkUp(this.#state, link.id, undefined, this.#now())
      if (this.#listening.has(peer)) this.#state = linkGreeted(this.#state, link.id)
    }
  }

  /** The peer a link is with, as far as former dials, its addresses or the peers linked now tell. */
  #peerBehind({ id, addresses }: SupervisedLink): PeerName | undefined {
    const known = this.#learned.get(id)
    if (known !== undefined) return known
    for (const { address } of addresses) {
      const named = this.#options.peerOf(address)
      if (named !== undefined) return named
      for (const [peer, listening] of this.#listening) if (listening.includes(address)) return peer
    }
    return undefined
  }
}

function linkId(source: string, id: string): string {
  return `${source}:${id}`
}
