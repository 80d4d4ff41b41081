import type { Clock } from '../clock.js'
import { isBetween, isClock, isFunction, PROBABILITY, type Check, type Takes } from '../takes.js'
import { Directions } from './directions.js'
import type { PeerName } from './network.js'
import type { SeededRandom } from './seeded-random.js'

/** Milliseconds until what a stream lost is sent again, the first time. */
const SENT_AGAIN = 200

/** What befalls things that travel. */
export interface Disturbances {
  /** Milliseconds one message takes, drawn evenly from [low, high]; [1, 5] if not given. */
  readonly delay?: readonly [number, number] | undefined
  /**
   * Probability that a parcel, a request or a response vanishes, as on a link that is dead but not noticed yet. What travels on a stream is
   * sent again, as a reliable transport does: it is late.
   */
  readonly loss?: number | undefined
  /** Probability that a parcel arrives twice. */
  readonly duplication?: number | undefined
  /** Probability that a parcel is overtaken by later ones: it takes up to `reorderWindow` milliseconds more. */
  readonly reordering?: number | undefined
  /** Milliseconds, 1,000 if not given. */
  readonly reorderWindow?: number | undefined
  /** Probability that a parcel leaves its publisher with one bit turned over, as from a broken or hostile node. */
  readonly corruption?: number | undefined
  /** Bytes per second of each link in each direction; unbounded if not given. */
  readonly bandwidth?: number | undefined
}

/** How the medium of memory networks treats what travels. Its disturbances may change while it works. */
export interface MediumOptions extends Disturbances {
  readonly clock: Clock
  /** Told of everything that travels, for traces. */
  readonly onTransmit?: ((transmission: Transmission) => void) | undefined
}

const isDelay: Check = (value) => {
  const isPair = Array.isArray(value) && value.length === 2 && value.every(isBetween(0, Infinity))
  return isPair && Number(value[0]) <= Number(value[1])
}

const isMoreThanNone: Check = (value) => isBetween(0, Infinity)(value) && value !== 0

export const DISTURBANCES_TAKE: Readonly<Record<keyof Disturbances, Takes>> = {
  delay: [isDelay, 'the least and the most milliseconds, such as [1, 5]'],
  loss: PROBABILITY,
  duplication: PROBABILITY,
  reordering: PROBABILITY,
  reorderWindow: [isBetween(0, Infinity), 'a number of milliseconds'],
  corruption: PROBABILITY,
  bandwidth: [isMoreThanNone, 'a number of bytes per second, more than 0']
}

export const MEDIUM_TAKES: Readonly<Record<keyof MediumOptions, Takes>> = {
  ...DISTURBANCES_TAKE,
  clock: [isClock, 'a Clock'],
  onTransmit: [isFunction, 'a function']
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

/** Has `arrive` called at a time, epoch ms. */
export type Expect = (at: number, arrive: () => void) => void

/** Have `arrive` called when the bytes reach `to`, if they do; `expect` is told of each copy instead of the clock. */
export type Transmit = (
  from: PeerName,
  to: PeerName,
  kind: Transmission['kind'],
  bytes: number,
  arrive: () => void,
  expect?: Expect
) => void

/** Delay, loss, duplication, reordering and bandwidth of every directed link, all from one seed. */
export function createTransmit(
  options: MediumOptions,
  random: SeededRandom,
  isCut: (from: PeerName, to: PeerName) => boolean
): Transmit {
  const { clock } = options
  const arrivalOf = createSchedule(options, random)
  const onClock: Expect = (at, arrive) => {
    clock.schedule(at - clock.now(), arrive)
  }

  return (from, to, kind, bytes, arrive, expect = onClock) => {
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
    // A cut swallows what is under way.
    const arriveUncut = (): void => {
      if (!isCut(from, to)) arrive()
    }
    for (let copy = doubled ? 2 : 1; copy > 0; copy -= 1)
      expect(arrivalOf(from, to, kind, bytes), arriveUncut)
  }
}

function createSchedule(
  options: MediumOptions,
  random: SeededRandom
): (from: PeerName, to: PeerName, kind: Transmission['kind'], bytes: number) => number {
  const { clock } = options
  /** When the last message of a directed link left and arrived. */
  const lines = new Directions<{ sentAt: number; arrivedAt: number }>()

  return (from, to, kind, bytes) => {
    const { loss = 0, reordering = 0, reorderWindow = 1_000, delay: [low, high] = [1, 5] } = options
    const line = lines.get(from, to) ?? { sentAt: 0, arrivedAt: 0 }
    lines.set(from, to, line)
    const onWire = options.bandwidth === undefined ? 0 : (bytes * 1_000) / options.bandwidth
    const sentAt = Math.max(clock.now(), line.sentAt) + onWire
    let due = sentAt + random.between(low, high)
    if (kind === 'stream') for (let wait = SENT_AGAIN; loss < 1 && random.chance(loss); wait *= 2) due += wait
    line.sentAt = sentAt
    if (kind === 'parcel' && random.chance(reordering)) return due + random.between(0, reorderWindow)
    line.arrivedAt = Math.max(due, line.arrivedAt)
    return line.arrivedAt
  }
}
