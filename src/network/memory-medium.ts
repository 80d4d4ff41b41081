import type { Clock } from '../clock.js'
import type { PeerName } from './network.js'
import type { SeededRandom } from './seeded-random.js'

/** Milliseconds until what a stream lost is sent again, the first time. */
const SENT_AGAIN = 200

/** What befalls things that travel. */
export interface Disturbances {
  /** Milliseconds one message takes, drawn evenly from [low, high]; [1, 5] if not given. */
  readonly delay?: readonly [number, number]
  /**
   * Probability that a parcel, a request or a response vanishes, as on a link that is dead but not noticed yet. What travels on a stream is
   * sent again, as a reliable transport does: it is late.
   */
  readonly loss?: number
  /** Probability that a parcel arrives twice. */
  readonly duplication?: number
  /** Probability that a parcel is overtaken by later ones: it takes up to `reorderWindow` milliseconds more. */
  readonly reordering?: number
  /** Milliseconds, 1,000 if not given. */
  readonly reorderWindow?: number
  /** Probability that a parcel leaves its publisher with one bit turned over, as from a broken or hostile node. */
  readonly corruption?: number
  /** Bytes per second of each link in each direction; unbounded if not given. */
  readonly bandwidth?: number
}

/** How the medium of memory networks treats what travels. Its disturbances may change while it works. */
export interface MediumOptions extends Disturbances {
  readonly clock: Clock
  /** Told of everything that travels, for traces. */
  readonly onTransmit?: (transmission: Transmission) => void
}

/** One thing that travelled, or did not. */
export interface Transmission {
  /** Epoch ms at which it was sent. */
  readonly at: number
  readonly from: PeerName
  readonly to: PeerName
  readonly kind: 'parcel' | 'request' | 'response' | 'stream'
  readonly bytes: number
  readonly fate: 'sent' | 'doubled' | 'lost'
}

/** Have `arrive` called when the bytes reach `to`, if they do. */
export type Transmit = (
  from: PeerName,
  to: PeerName,
  kind: Transmission['kind'],
  bytes: number,
  arrive: () => void
) => void

/** Delay, loss, duplication, reordering and bandwidth of every directed link, all from one seed. */
export function createTransmit(
  options: MediumOptions,
  random: SeededRandom,
  isCut: (from: PeerName, to: PeerName) => boolean
): Transmit {
  const { clock } = options
  const arrivalOf = createSchedule(options, random)

  return (from, to, kind, bytes, arrive) => {
    const { loss = 0, duplication = 0 } = options
    // On a stream the loss of a part delays it and what follows.
    const lost = isCut(from, to) || (kind !== 'stream' && random.chance(loss))
    const doubled = !lost && kind === 'parcel' && random.chance(duplication)
    options.onTransmit?.({
      at: clock.now(),
      from,
      to,
      kind,
      bytes,
      fate: lost ? 'lost' : doubled ? 'doubled' : 'sent'
    })
    if (lost) return
    for (let copy = doubled ? 2 : 1; copy > 0; copy -= 1) {
      clock.schedule(arrivalOf(from, to, kind, bytes) - clock.now(), () => {
        // A cut swallows what is under way.
        if (!isCut(from, to)) arrive()
      })
    }
  }
}

function createSchedule(
  options: MediumOptions,
  random: SeededRandom
): (from: PeerName, to: PeerName, kind: Transmission['kind'], bytes: number) => number {
  const { clock } = options
  /** When the last message of a directed link left and arrived. */
  const lines = new Map<string, { readonly sentAt: number; readonly arrivedAt: number }>()

  return (from, to, kind, bytes) => {
    const { loss = 0, reordering = 0, reorderWindow = 1_000, delay: [low, high] = [1, 5] } = options
    const name = directed(from, to)
    const line = lines.get(name) ?? { sentAt: 0, arrivedAt: 0 }
    const onWire = options.bandwidth === undefined ? 0 : (bytes * 1_000) / options.bandwidth
    const sentAt = Math.max(clock.now(), line.sentAt) + onWire
    let due = sentAt + random.between(low, high)
    if (kind === 'stream') for (let wait = SENT_AGAIN; loss < 1 && random.chance(loss); wait *= 2) due += wait
    if (kind === 'parcel' && random.chance(reordering)) {
      lines.set(name, { sentAt, arrivedAt: line.arrivedAt })
      return due + random.between(0, reorderWindow)
    }
    const arrivedAt = Math.max(due, line.arrivedAt)
    lines.set(name, { sentAt, arrivedAt })
    return arrivedAt
  }
}

/** The name of one direction of a link. */
export function directed(from: PeerName, to: PeerName): string {
  return `${from}>${to}`
}
