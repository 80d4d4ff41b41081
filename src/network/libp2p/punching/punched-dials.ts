import type { Transport } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { replacing } from '../patches/replacing.js'

type DialOptions = Parameters<Transport['dial']>[1]
type Upgrader = DialOptions['upgrader']

/** How an address is dialled whose owner dials us in the same moment, as both are behind NATs. */
export interface Punch {
  /** The TCP port to dial from: the one that the other side dials. */
  readonly localPort: number
  /** Whether this side speaks first. Both have dialled, so one of them has to act as if it had been dialled. */
  readonly speaksFirst: boolean
}

/** The addresses that are dialled so now. */
export class Punches {
  readonly #punches = new Map<string, Punch>()

  /** Dial this address so, until what is returned is called. */
  add(address: Multiaddr, punch: Punch): () => void {
    const key = address.toString()
    this.#punches.set(key, punch)
    return () => {
      if (this.#punches.get(key) === punch) this.#punches.delete(key)
    }
  }

  of(address: Multiaddr): Punch | undefined {
    return this.#punches.get(address.toString())
  }
}

/**
 * The TCP transport of libp2p, which dials an address of `punches` from the port that was agreed on. It hands its options to the socket, of which libp2p has
 * none for that; and libp2p 3.3 drops the option not to speak first on its way to the transport, and would have both ends of such a connection number their
 * streams as the one that dialled.
 */
export function withPunches<Components>(
  create: (components: Components) => Transport,
  punches: Punches
): (components: Components) => Transport {
  return (components) => {
    const transport = create(components)
    const dial = transport.dial.bind(transport)
    transport.dial = (address, options) => {
      const punch = punches.of(address)
      if (punch === undefined) return dial(address, options)
      const { localPort, speaksFirst } = punch
      const upgrader = speaksFirst ? options.upgrader : asDialled(options.upgrader)
      const punched: DialOptions & Pick<Punch, 'localPort'> = { ...options, upgrader, localPort }
      return dial(address, punched)
    }
    return transport
  }
}

/** An upgrader that treats what was dialled as if it had been dialled by the other side. */
function asDialled(upgrader: Upgrader): Upgrader {
  const upgrade: Upgrader['upgradeOutbound'] = (connection, options) =>
    upgrader.upgradeOutbound(Object.assign(connection, { direction: 'inbound' }), {
      ...options,
      initiator: false
    })
  return replacing(upgrader, 'upgradeOutbound', upgrade)
}
