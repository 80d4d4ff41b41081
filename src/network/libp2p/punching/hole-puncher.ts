import type { Connection, IdentifyResult, Libp2p } from '@libp2p/interface'
import type { Clock } from '../../../clock.js'
import {
  MAX_CONNECTIONS,
  MAX_PUNCH_AGAIN_MS,
  MAX_PUNCHES,
  MIN_PUNCH_AGAIN_MS,
  MIN_PUNCH_PORT,
  PUNCH_MS,
  PUNCH_PAUSE_MS,
  PUNCH_TRIES
} from '../../limits.js'
import { onAbort } from '../../../on-abort.js'
import type { PeerName } from '../../network.js'
import { putNewest } from '../../put-newest.js'
import { ipOf, isRelayed, portOf } from '../addresses.js'
import { createDeadline, pause } from '../deadline.js'
import type { Dialler } from '../dialler.js'
import { isPublicUnicast } from '../ip.js'
import type { NetworkLogger } from '../options.js'
import type { Requests } from '../requests.js'
import { decodeEndpoints, encodeEndpoints, endpointAt, familyOf, type Endpoint } from './endpoints.js'
import type { Punch, Punches } from './punched-dials.js'

/** Protocol of the request to dial each other in the same moment. */
export const PUNCH_PROTOCOL = '/hallig/punch/1.0.0'

/** How one side of an attempt goes about it. */
interface Turn extends Pick<Punch, 'speaksFirst'> {
  /** Milliseconds until it dials. */
  readonly wait: number
}

/** Ports for a dial that others dial back to: those that are nobody's (RFC 6335 §6). */
const PORTS = 2 ** 16 - MIN_PUNCH_PORT

export interface HolePuncherOptions {
  readonly node: Pick<Libp2p, 'getConnections'>
  readonly dialler: Pick<Dialler, 'dialFirst'>
  readonly requests: Pick<Requests, 'send'>
  readonly punches: Punches
  readonly clock: Clock
  readonly random: (length: number) => Uint8Array
  readonly logger: NetworkLogger | undefined
  /** Whether this node keeps up a link to a peer: nobody else is told where it is. */
  readonly isKept: (peer: PeerName) => boolean
}

/**
 * Gets two people who are linked through a relay a direct link, though both are behind a NAT: each tells the other at which address and port it will be seen,
 * and both dial at the same moment from that port, so that each NAT takes the other's packets for answers. It works where a NAT keeps the port of who
 * dials, as most do; where it does not, they stay linked through the relay, and try again ever more rarely.
 */
export class HolePuncher {
  readonly #options: HolePuncherOptions
  /** The public address at which others have seen this node last, by family. */
  readonly #seenAt = new Map<4 | 6, string>()
  readonly #underWay = new Set<PeerName>()
  /** Milliseconds until the next attempt with whom the last was in vain, over the next link as well: some relays end each after two minutes. */
  readonly #waits = new Map<PeerName, number>()
  readonly #stopped = new AbortController()

  constructor(options: HolePuncherOptions) {
    this.#options = options
  }

  /** A linked peer said who it is, and at what address it sees us. */
  identified({ connection, observedAddr, protocols }: IdentifyResult): void {
    if (!isRelayed(connection.remoteAddr)) {
      this.#observe(observedAddr, connection)
      return
    }
    // Both ends hear of it; who has dialled asks.
    if (connection.direction !== 'outbound' || !protocols.includes(PUNCH_PROTOCOL)) return
    this.#askUntilDirect(connection).catch(this.#onFailure)
  }

  /** A linked peer proposes to dial each other; `undefined` if that is no proposal. */
  answer(request: Uint8Array, from: PeerName): Uint8Array | undefined {
    const theirs = decodeEndpoints(request)
    if (theirs === undefined) return undefined
    const relayed = this.#relayedTo(from)
    const own = relayed === undefined || !this.#options.isKept(from) ? [] : this.#endpoints(theirs)
    if (relayed !== undefined && own.length > 0) {
      // Our answer takes half a round trip: then both dial, and neither NAT sees a packet of the other before its own.
      const wait = (relayed.rtt ?? 0) / 2
      this.#dial(from, own, theirs, { speaksFirst: false, wait }).catch(this.#onFailure)
    }
    return encodeEndpoints(own)
  }

  stop(): void {
    this.#stopped.abort(new Error('The network stops'))
  }

  readonly #onFailure = (error: unknown): void => {
    this.#options.logger?.debug('no hole was punched', error)
  }

  /** Only who is on the internet itself sees where we are on it. */
  #observe(observed: IdentifyResult['observedAddr'], { remoteAddr }: Connection): void {
    const [ip, theirs] = [observed === undefined ? undefined : ipOf(observed), ipOf(remoteAddr)]
    if (ip === undefined || theirs === undefined || !isPublicUnicast(ip) || !isPublicUnicast(theirs)) return
    const family = ip.includes(':') ? 6 : 4
    // Behind another NAT it may work.
    if (this.#seenAt.get(family) !== ip) this.#waits.clear()
    this.#seenAt.set(family, ip)
  }

  /** The connection through a relay to a peer that has no other, if there is room for one more attempt. */
  #relayedTo(peer: PeerName): Connection | undefined {
    if (this.#underWay.has(peer) || this.#underWay.size >= MAX_PUNCHES) return undefined
    const connections = this.#options.node
      .getConnections()
      .filter(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === peer)
    if (connections.some(({ remoteAddr }) => !isRelayed(remoteAddr))) return undefined
    return connections[0]
  }

  /** Where this node would be seen if it dialled from a free port, in the families of `theirs` if that is given. */
  #endpoints(theirs?: readonly Endpoint[]): Endpoint[] {
    const [high = 0, low = 0] = this.#options.random(2)
    const port = MIN_PUNCH_PORT + (((high << 8) | low) % PORTS)
    return [...this.#seenAt]
      .filter(([family]) => theirs?.some((endpoint) => familyOf(endpoint) === family) ?? true)
      .map(([, ip]) => endpointAt(ip, port))
  }

  async #askUntilDirect(connection: Connection): Promise<void> {
    const { clock, isKept } = this.#options
    const peer = connection.remotePeer.toString()
    const over = new AbortController()
    const end = (): void => {
      over.abort(new Error('The link through a relay is over'))
    }
    // The wait may be an hour, and what waits keeps the connection.
    connection.addEventListener('close', end, { once: true })
    const release = onAbort(this.#stopped.signal, end)
    try {
      for (
        let wait = MIN_PUNCH_AGAIN_MS;
        connection.status === 'open';
        wait = Math.min(2 * wait, MAX_PUNCH_AGAIN_MS)
      ) {
        if (isKept(peer) && this.#relayedTo(peer) === connection) {
          await this.#ask(connection, peer).catch(this.#onFailure)
        }
        await pause(clock, Math.max(wait, this.#waits.get(peer) ?? 0), over.signal)
      }
    } finally {
      release()
    }
  }

  async #ask(connection: Connection, peer: PeerName): Promise<void> {
    const { requests } = this.#options
    const own = this.#endpoints()
    if (own.length === 0) return
    const answer = await requests.send(connection, PUNCH_PROTOCOL, encodeEndpoints(own), this.#stopped.signal)
    const theirs = decodeEndpoints(answer) ?? []
    if (theirs.length === 0) return
    const wait = Math.min(2 * (this.#waits.get(peer) ?? MIN_PUNCH_AGAIN_MS / 2), MAX_PUNCH_AGAIN_MS)
    putNewest(this.#waits, peer, wait, MAX_CONNECTIONS)
    await this.#dial(peer, own, theirs, { speaksFirst: true, wait: 0 })
    this.#waits.delete(peer)
  }

  /** Both dial: the packets of each make its NAT take those of the other. Resolves when there is a link, rejects if none comes of it. */
  async #dial(
    peer: PeerName,
    own: readonly Endpoint[],
    theirs: readonly Endpoint[],
    how: Turn
  ): Promise<void> {
    this.#underWay.add(peer)
    const { clock } = this.#options
    const race = createDeadline(clock, how.wait + PUNCH_MS, this.#stopped.signal)
    try {
      await pause(clock, how.wait, race.signal)
      await Promise.any(
        theirs.map((endpoint) => {
          const localPort = portOf(own.find((each) => familyOf(each) === familyOf(endpoint)) ?? endpoint) ?? 0
          return this.#dialAgain(peer, endpoint, { localPort, speaksFirst: how.speaksFirst }, race.signal)
        })
      )
    } finally {
      race.end(new Error('It is over'))
      race.release()
      this.#underWay.delete(peer)
    }
  }

  /** A NAT that refuses what comes too early ends a dial at once: the next may come together with the other side's. */
  async #dialAgain(peer: PeerName, endpoint: Endpoint, punch: Punch, signal: AbortSignal): Promise<void> {
    const { dialler, punches, clock } = this.#options
    const forget = punches.add(endpoint, punch)
    try {
      for (let tries = 1; ; tries += 1) {
        try {
          await dialler.dialFirst([`${endpoint.toString()}/p2p/${peer}`], signal)
          return
        } catch (error) {
          if (tries === PUNCH_TRIES || signal.aborted) throw error
          await pause(clock, PUNCH_PAUSE_MS, signal)
        }
      }
    } finally {
      forget()
    }
  }
}
