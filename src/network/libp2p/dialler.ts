import type { Connection, Libp2p } from '@libp2p/interface'
import type { Clock } from '../../clock.js'
import { MessengerError } from '../../errors.js'
import { DIAL_ADDRESS_TIMEOUT_MS, DIAL_STAGGER_MS, DUPLICATE_AGE_MS } from '../limits.js'
import type { Reached } from '../link-driver.js'
import type { PeerName } from '../network.js'
import { leadsThroughRelay } from '../relayed.js'
import { parseAddress, peerOf, withoutPeer } from './addresses.js'
import { createDeadline, pause } from './deadline.js'
import { answers } from './liveness.js'
import type { NetworkLogger } from './options.js'

/** Opens connections, at most one to a peer as far as that is in its hands. */
export class Dialler {
  readonly #node: Libp2p
  readonly #clock: Clock
  readonly #logger: NetworkLogger | undefined

  constructor(node: Libp2p, clock: Clock, logger: NetworkLogger | undefined) {
    this.#node = node
    this.#clock = clock
    this.#logger = logger
  }

  /** Rejects with `ADDRESS_INVALID`, `DIAL_FAILED` or `ABORTED`. */
  async dial(address: string, caller?: AbortSignal): Promise<PeerName> {
    const target = parseAddress(address)
    const deadline = createDeadline(this.#clock, DIAL_ADDRESS_TIMEOUT_MS, caller)
    try {
      const connection = await this.#node.dial(target, { signal: deadline.signal })
      this.#dropDuplicate(connection).catch((error: unknown) => {
        this.#logger?.debug('a second connection did not close', error)
      })
      return connection.remotePeer.toString()
    } catch (cause) {
      if (caller?.aborted === true) throw new MessengerError('ABORTED', 'The dial was aborted', { cause })
      throw new MessengerError('DIAL_FAILED', `${failureOf(cause)} ${address}`, { cause })
    } finally {
      deadline.release()
    }
  }

  /**
   * Dial several addresses of one peer, each a moment after the one before if that has not answered yet: a stale
   * address, into which packets vanish, must not hold up the good one. Whoever answers at an address of another peer
   * stays linked, but is not who was asked for. Relays come last, whatever worked before: they cost others, and end links.
   */
  async dialFirst(addresses: readonly string[], caller: AbortSignal): Promise<Reached> {
    const race = createDeadline(
      this.#clock,
      DIAL_ADDRESS_TIMEOUT_MS + addresses.length * DIAL_STAGGER_MS,
      caller
    )
    try {
      const attempts = relayedLast(addresses).map(async (address, place) => {
        await pause(this.#clock, place * DIAL_STAGGER_MS, race.signal)
        return { peer: await this.#dialExpecting(address, race.signal), address }
      })
      return await Promise.any(attempts)
    } catch (cause) {
      throw new MessengerError('DIAL_FAILED', 'None of the addresses answers', { cause })
    } finally {
      race.end(new Error('Another address answered'))
      race.release()
    }
  }

  /** Dial the bare address, as libp2p would make dials of one peer wait for each other, and look who answered. */
  async #dialExpecting(address: string, caller: AbortSignal): Promise<PeerName> {
    const expected = peerOf(address)
    const peer = await this.dial(withoutPeer(parseAddress(address)), caller)
    if (expected !== undefined && expected !== peer) {
      throw new MessengerError('DIAL_FAILED', `Somebody else answers at ${address}`)
    }
    return peer
  }

  /**
   * An address does not say whose it is until it was dialled, so a second connection to a linked peer may come of it.
   * It is closed if the first still answers, and is old enough that the peer has not just dialled us: else both ends
   * might close one each. A connection through a relay is superfluous beside a direct one, whichever is older.
   */
  async #dropDuplicate(dialled: Connection): Promise<void> {
    for (const connection of this.#node.getConnections(dialled.remotePeer)) {
      const age = dialled.timeline.open - connection.timeline.open
      if (connection.id === dialled.id) continue
      if (dialled.direct && !connection.direct) {
        await connection.close()
        continue
      }
      if (age < DUPLICATE_AGE_MS) continue
      if (!(await answers(connection, this.#clock))) continue
      await dialled.close()
      return
    }
  }
}

/** What failed, as libp2p names it; the address goes behind. */
function failureOf(cause: unknown): string {
  switch (cause instanceof Error ? cause.name : '') {
    case 'NoValidAddressesError':
      return 'No transport of this node (in browsers: WebSocket alone) leads to'
    case 'InvalidPeerIdError':
      return 'This node itself has the address'
    default:
      return 'Nobody answers at'
  }
}

function relayedLast(addresses: readonly string[]): readonly string[] {
  const isLast = (address: string): number => Number(leadsThroughRelay(address))
  return addresses.toSorted((one, other) => isLast(one) - isLast(other))
}
