import type { Clock } from '../clock.js'
import {
  createLinkSupervisor,
  dialFailed,
  keepLinks,
  linkDown,
  linkUp,
  nextWakeAt,
  resetLinks,
  wake
} from './link-supervisor.js'
import type { Dial, LinkSupervisor } from './link-supervisor.js'
import type { Link, PeerName } from './network.js'

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

/** Dials what the link supervisor says, when it says so. */
export interface LinkDriver {
  start(): void
  /** Stops dialling and aborts dials under way; the links are remembered. */
  stop(): void
  /** Replace the links of one source (the caller's, the bootstrap list's, the LAN's); their ids need be unique only in it. */
  keep(source: string, links: readonly Link[]): void
  /** A connection to `peer` opened; `addresses` are those it can be dialled at, as far as known. */
  linked(peer: PeerName, addresses?: readonly string[]): void
  /** The last connection to `peer` closed. */
  unlinked(peer: PeerName): void
  /** Whether a link of this source is with `peer`. */
  isKept(source: string, peer: PeerName): boolean
  /** Something changed that makes dials worth while now. */
  reset(): void
}

export function createLinkDriver(options: LinkDriverOptions): LinkDriver {
  const { clock, random, dial, peerOf, isLinked } = options
  const sources = new Map<string, readonly Link[]>()
  /** Which peer answered for a link whose addresses do not say. */
  const learned = new Map<string, PeerName>()
  let state: LinkSupervisor = createLinkSupervisor()
  let running: AbortController | undefined
  let cancelTimer: () => void = () => undefined

  function pump(): void {
    cancelTimer()
    if (running === undefined) return
    const step = wake(state, clock.now())
    state = step.state
    for (const due of step.dials) void dialOnce(due, running.signal)
    const wakeAt = nextWakeAt(state)
    if (wakeAt !== undefined) cancelTimer = clock.schedule(Math.max(0, wakeAt - clock.now()), pump)
  }

  async function dialOnce(due: Dial, signal: AbortSignal): Promise<void> {
    try {
      const { peer, address } = await dial(due.addresses, signal)
      learned.set(due.id, peer)
      // It may have gone again before this promise settled.
      state = linkUp(state, due.id, address, clock.now())
      if (!isLinked(peer)) state = linkDown(state, due.id, clock.now(), random())
    } catch (error) {
      state = dialFailed(state, due.id, clock.now(), random())
      if (!signal.aborted) options.onFailure?.(due.id, error)
    }
    if (!signal.aborted) pump()
  }

  function linksOf(peer: PeerName, addresses: readonly string[]): string[] {
    const ids: string[] = []
    for (const link of state.links.values()) {
      const known = link.addresses.some(
        ({ address }) => peerOf(address) === peer || addresses.includes(address)
      )
      if (known || learned.get(link.id) === peer) ids.push(link.id)
    }
    return ids
  }

  function markLinked(): void {
    for (const link of state.links.values()) {
      const peer =
        learned.get(link.id) ??
        link.addresses.map(({ address }) => peerOf(address)).find((named) => named !== undefined)
      if (peer !== undefined && link.phase === 'waiting' && isLinked(peer)) {
        state = linkUp(state, link.id, undefined, clock.now())
      }
    }
  }

  return {
    start() {
      running ??= new AbortController()
      state = resetLinks(state, clock.now())
      pump()
    },
    stop() {
      running?.abort()
      running = undefined
      cancelTimer()
      for (const link of state.links.values()) state = linkDown(state, link.id, clock.now(), 0)
    },
    keep(source, links) {
      sources.set(
        source,
        links.map((link) => ({ ...link, id: `${source}:${link.id}` }))
      )
      state = keepLinks(state, [...sources.values()].flat(), clock.now())
      for (const id of learned.keys()) if (!state.links.has(id)) learned.delete(id)
      markLinked()
      pump()
    },
    linked(peer, addresses = []) {
      for (const id of linksOf(peer, addresses)) {
        if (addresses.length > 0) learned.set(id, peer)
        state = linkUp(state, id, undefined, clock.now())
      }
      pump()
    },
    unlinked(peer) {
      for (const id of linksOf(peer, [])) state = linkDown(state, id, clock.now(), random())
      pump()
    },
    isKept(source, peer) {
      return linksOf(peer, []).some((id) => id.startsWith(`${source}:`))
    },
    reset() {
      state = resetLinks(state, clock.now())
      pump()
    }
  }
}
