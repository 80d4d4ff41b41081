import assert from 'node:assert/strict'
import { BEACON_ID_BYTES, encodeBeacon } from '../../../../src/network/libp2p/lan/beacon.js'
import { startLan } from '../../../../src/network/libp2p/lan/lan-discovery.js'
import type { Lan, ListenPorts } from '../../../../src/network/libp2p/lan/lan.js'
import { LanSockets } from '../../../../src/network/libp2p/lan/lan-sockets.js'
import { localAddresses } from '../../../../src/network/libp2p/lan/local-addresses.js'
import { createVirtualClock } from '../../../../src/simulator/virtual-clock.js'
import type { Link } from '../../../../src/network/network.js'
import { realClock, secureRandom } from '../../../support/network-libp2p.js'
import { waitFor } from '../../../support/network-wait.js'

describe('network/libp2p/lan/lan-discovery', () => {
  let running: Lan[]

  beforeEach(() => {
    running = []
  })

  afterEach(async () => {
    for (const lan of running) await lan.stop()
  })

  function start(networkTag: Uint8Array, tcp: number): { lan: Lan; links: () => readonly Link[] } {
    let links: readonly Link[] = []
    const lan = startLan({
      clock: realClock,
      random: secureRandom,
      networkTag,
      ports: () => portsAt(tcp),
      onSightings: (sighted) => {
        links = sighted
      },
      onInterfaces: () => undefined
    })
    running.push(lan)
    return { lan, links: () => links }
  }

  const portsAt = (tcp: number): Record<4 | 6, ListenPorts> => ({ 4: { tcp, ws: 0 }, 6: { tcp, ws: 0 } })

  const portsOf = (links: readonly Link[]): string[] =>
    links.flatMap(({ addresses }) => addresses.map((address) => address.split('/')[4] ?? ''))

  it('hears nodes of its own network, and only those', async () => {
    const [ours, theirs] = [secureRandom(8), secureRandom(8)]
    const [one, other, stranger] = [start(ours, 1001), start(ours, 1002), start(theirs, 1003)]
    await waitFor(
      'both',
      () => portsOf(one.links()).includes('1002') && portsOf(other.links()).includes('1001'),
      5_000
    )
    assert.deepEqual([one.lan.status().sightings, stranger.links()], [1, []])
  })

  it('knows that it is heard, if only by itself', async () => {
    const { lan } = start(secureRandom(8), 1001)
    await waitFor('its own beacon', () => lan.status().multicast, 5_000)
    assert.ok(lan.status().interfaces.includes('127.0.0.1'))
  })

  it('looks around and calls a tenth as often while it rests, and at once when it rests no more', async () => {
    const clock = createVirtualClock()
    const delays: number[] = []
    const lan = startLan({
      clock: {
        now: () => clock.now(),
        schedule: (delay, wake) => {
          delays.push(delay)
          return clock.schedule(delay, wake)
        }
      },
      random: secureRandom,
      networkTag: secureRandom(8),
      ports: () => portsAt(1001),
      onSightings: () => undefined,
      onInterfaces: () => undefined
    })
    running.push(lan)
    await clock.advance(60_000)
    assert.equal(Math.max(...delays.splice(0)), 10_000)
    lan.rest(true)
    await clock.advance(600_000)
    const resting = delays.splice(0).filter((delay) => delay > 10_000)
    assert.deepEqual(new Set(resting), new Set([30_000, 100_000]))
    lan.rest(false)
    assert.ok(delays.includes(1_000))
    await clock.advance(60_000)
    assert.equal(Math.max(...delays), 10_000)
  })

  it('asks once where it listens for all beacons that leave together', async () => {
    const clock = createVirtualClock()
    let asked = 0
    const lan = startLan({
      clock,
      random: secureRandom,
      networkTag: secureRandom(8),
      ports: () => {
        asked += 1
        return portsAt(1001)
      },
      onSightings: () => undefined,
      onInterfaces: () => undefined
    })
    running.push(lan)
    assert.equal(asked, 1)
    await clock.advance(1_000)
    assert.equal(asked, 2)
  })

  it('takes beacons that are forged, malformed or without a port for nothing', async () => {
    const networkTag = secureRandom(8)
    const { lan, links } = start(networkTag, 1001)
    const sockets = new LanSockets({ onDatagram: () => undefined, onError: () => undefined })
    sockets.update(localAddresses())
    const beacon = { networkTag, id: new Uint8Array(BEACON_ID_BYTES), tcp: 0, ws: 0 }
    sockets.send(() => encodeBeacon(beacon))
    sockets.send(() => secureRandom(25))
    sockets.send(() => encodeBeacon(beacon).slice(0, -1))
    sockets.send(() => encodeBeacon({ ...beacon, tcp: 7 }))
    // The last one is good: when it is there, so were the others.
    await waitFor('the good beacon', () => lan.status().sightings === 1, 5_000)
    await waitFor('its link', () => links().length === 1, 5_000)
    assert.ok(portsOf(links()).every((port) => port === '7'))
    await sockets.close()
  })
})
