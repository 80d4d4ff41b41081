import { encodeHex } from '../../../codec/hex.js'
import type { LanStatus } from '../../network.js'
import { BEACON_ID_BYTES, decodeBeacon, encodeBeacon } from './beacon.js'
import type { Beacon } from './beacon.js'
import type { Lan, LanOptions } from './lan.js'
import { LanSockets } from './lan-sockets.js'
import { isNeighbour, localAddresses } from './local-addresses.js'
import type { LocalAddress } from './local-addresses.js'
import { dialable, expire, sight } from './sightings.js'
import type { Sightings } from './sightings.js'

/** Milliseconds between beacons at first, and how many come so close; then the time between the others. */
const FAST_BEACON_MS = 1_000
const FAST_BEACONS = 5
const BEACON_MS = 10_000
/** Milliseconds between two looks at the device's interfaces; as often as the beacons while those come fast. */
const RESCAN_MS = 3_000
/** How many times less often both happen while it rests. Who calls is answered all the same. */
const RESTING = 10
/** Milliseconds between two answers to newcomers, so that nobody makes us shout. */
const ANSWER_MS = 250
/** Milliseconds a beacon id lasts: a node cannot be followed from one day to the next. */
const ID_MS = 86_400_000

/** Shout and listen on every interface of this device until stopped. */
export function startLan(options: LanOptions): Lan {
  return new LanDiscovery(options)
}

class LanDiscovery implements Lan {
  readonly #options: LanOptions
  readonly #sockets: LanSockets
  readonly #timers = new Map<string, () => void>()
  #addresses: readonly LocalAddress[] = []
  #sightings: Sightings = new Map()
  #id: Uint8Array
  #idSince: number
  #fastBeacons = 0
  #answeredAt = -Infinity
  #heardAnything = false
  #isResting = false
  readonly #echoed = new Set<string>()
  #lastError: string | undefined

  constructor(options: LanOptions) {
    this.#options = options
    this.#id = options.random(BEACON_ID_BYTES)
    this.#idSince = options.clock.now()
    this.#sockets = new LanSockets({
      onDatagram: (datagram, ip) => {
        this.#onDatagram(datagram, ip)
      },
      onError: (error) => {
        this.#lastError = error.message
        options.logger?.debug('LAN discovery: a socket failed', error.message)
      }
    })
    this.#rescan()
    this.#beacon()
  }

  status(): LanStatus {
    return {
      multicast: this.#heardAnything,
      interfaces: this.#sockets.interfaces,
      echoed: this.#sockets.interfaces.filter((ip) => this.#echoed.has(ip)),
      sightings: this.#sightings.size,
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError })
    }
  }

  rest(isResting: boolean): void {
    this.#isResting = isResting
    if (isResting) return
    this.#fastBeacons = 0
    this.#rescan()
    this.#beacon()
  }

  async stop(): Promise<void> {
    for (const cancel of this.#timers.values()) cancel()
    this.#timers.clear()
    await this.#sockets.close()
  }

  #beacon(): void {
    const { clock } = this.#options
    if (Math.abs(clock.now() - this.#idSince) > ID_MS) {
      this.#id = this.#options.random(BEACON_ID_BYTES)
      this.#idSince = clock.now()
    }
    this.#shout()
    this.#fastBeacons += 1
    this.#schedule('beacon', this.#paced(BEACON_MS), () => {
      this.#beacon()
    })
  }

  #paced(period: number): number {
    if (this.#fastBeacons < FAST_BEACONS) return FAST_BEACON_MS
    return this.#isResting ? period * RESTING : period
  }

  #shout(): void {
    const { networkTag } = this.#options
    const ports = this.#options.ports()
    this.#sockets.send((family) => encodeBeacon({ networkTag, id: this.#id, ...ports[family] }))
  }

  #rescan(): void {
    const addresses = localAddresses()
    const changed = JSON.stringify(addresses) !== JSON.stringify(this.#addresses)
    const isFirst = this.#addresses.length === 0
    this.#addresses = addresses
    if (changed) this.#echoed.clear()
    // What still fails will say so again.
    this.#lastError = undefined
    this.#sockets.update(addresses)
    if (changed && !isFirst) {
      this.#fastBeacons = 0
      this.#beacon()
      this.#options.onInterfaces()
    }
    this.#publishSightings()
    // An interface that has just been switched on gets its addresses within seconds.
    this.#schedule('rescan', this.#paced(RESCAN_MS), () => {
      this.#rescan()
    })
  }

  #onDatagram(datagram: Uint8Array, ip: string): void {
    const beacon = decodeBeacon(datagram)
    if (beacon === undefined || encodeHex(beacon.networkTag) !== encodeHex(this.#options.networkTag)) return
    if (!isNeighbour(ip, this.#addresses)) return
    this.#heardAnything = true
    const id = encodeHex(beacon.id)
    const address = addressOf(beacon, ip)
    if (id === encodeHex(this.#id)) this.#echoed.add(ip)
    if (id === encodeHex(this.#id) || address === undefined) return
    const known = this.#sightings.has(id)
    const { sightings, news } = sight(this.#sightings, { id, ip, address }, this.#options.clock.now())
    this.#sightings = sightings
    if (!known) this.#answer()
    if (news) this.#publishSightings()
  }

  /** A newcomer need not wait for the next beacon. */
  #answer(): void {
    const now = this.#options.clock.now()
    if (Math.abs(now - this.#answeredAt) < ANSWER_MS) return
    this.#answeredAt = now
    this.#shout()
  }

  #publishSightings(): void {
    const now = this.#options.clock.now()
    this.#sightings = expire(this.#sightings, now)
    const { links, nextAt } = dialable(this.#sightings, encodeHex(this.#id), now)
    this.#options.onSightings(links)
    if (nextAt === undefined) return
    this.#schedule('yield', nextAt - now, () => {
      this.#publishSightings()
    })
  }

  /** One timer of each name. */
  #schedule(name: string, delay: number, wake: () => void): void {
    this.#timers.get(name)?.()
    this.#timers.set(name, this.#options.clock.schedule(delay, wake))
  }
}

function addressOf({ tcp, ws }: Beacon, ip: string): string | undefined {
  const host = ip.includes(':') ? `/ip6/${ip}` : `/ip4/${ip}`
  if (tcp > 0) return `${host}/tcp/${String(tcp)}`
  return ws > 0 ? `${host}/tcp/${String(ws)}/ws` : undefined
}
