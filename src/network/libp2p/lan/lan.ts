import type { Clock } from '../../../clock.js'
import type { LanStatus, Link } from '../../network.js'
import type { NetworkLogger } from '../options.js'

/** What LAN discovery needs to know. */
export interface LanOptions {
  readonly clock: Clock
  readonly random: (length: number) => Uint8Array
  /** Tells networks apart: the first bytes of a hash of the network's name. */
  readonly networkTag: Uint8Array
  /** Where this node listens now, over IPv4 and over IPv6; 0 for "nowhere". Asked once for all beacons that leave together: libp2p takes a millisecond to say it. */
  readonly ports: () => Readonly<Record<4 | 6, ListenPorts>>
  /** The nodes to dial, whenever their list changed. */
  readonly onSightings: (links: readonly Link[]) => void
  /** The device's addresses changed: dials that failed may work now. */
  readonly onInterfaces: () => void
  readonly logger?: NetworkLogger
}

export interface ListenPorts {
  readonly tcp: number
  readonly ws: number
}

/** A running LAN discovery. */
export interface Lan {
  status(): LanStatus
  /** Call and look around ten times less often, or as usual again. */
  rest(isResting: boolean): void
  stop(): Promise<void>
}
