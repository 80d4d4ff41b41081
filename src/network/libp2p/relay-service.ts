import type { CircuitRelayServerComponents, CircuitRelayService } from '@libp2p/circuit-relay-v2'
import type { PeerId } from '@libp2p/interface'
import {
  MAX_RELAYED_BYTES,
  MAX_RELAYED_MS,
  MAX_RELAYED_PER_DIALLER,
  MAX_RELAYED_PER_MEMBER,
  MAX_RESERVATIONS,
  RELAY_REQUEST_MS,
  RESERVATION_MS
} from '../limits.js'

/** A relay as our nodes run it: for anybody, within bounds. */
export class RelayService {
  #service: CircuitRelayService | undefined

  /** Load the service that makes a libp2p node a relay. */
  async load(): Promise<(components: CircuitRelayServerComponents) => CircuitRelayService> {
    const { circuitRelayServer } = await import('@libp2p/circuit-relay-v2')
    const create = circuitRelayServer({
      hopTimeout: RELAY_REQUEST_MS,
      maxInboundHopStreams: MAX_RELAYED_PER_DIALLER,
      maxOutboundStopStreams: MAX_RELAYED_PER_MEMBER,
      reservations: {
        maxReservations: MAX_RESERVATIONS,
        reservationTtl: RESERVATION_MS,
        defaultDataLimit: BigInt(MAX_RELAYED_BYTES),
        defaultDurationLimit: MAX_RELAYED_MS
      }
    })
    return (components) => {
      this.#service = create(components)
      return this.#service
    }
  }

  /**
   * Give up a peer's place: when it leaves, for libp2p would keep it until its time is over; and before it is renewed, for one that
   * is renewed twice would end when its first renewal should have (retimeable-signal 1.0.1 does not cancel that timer).
   */
  giveUpPlace(peer: PeerId): void {
    const places = this.#service?.reservations
    places?.get(peer)?.signal.clear()
    places?.delete(peer)
  }
}
