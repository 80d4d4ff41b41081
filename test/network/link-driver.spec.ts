import assert from 'node:assert/strict'
import { createLinkDriver } from '../../src/network/link-driver.js'
import type { LinkDriver } from '../../src/network/link-driver.js'
import { MAX_DIALLED_LINKS } from '../../src/network/limits.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'
import type { VirtualClock } from '../../src/simulator/virtual-clock.js'

interface Rig {
  readonly clock: VirtualClock
  readonly driver: LinkDriver
  /** Addresses dialled, with the seconds since the start. */
  readonly dials: string[]
  /** Peers that answer, by address. */
  readonly answering: Map<string, string>
  readonly linked: Set<string>
  /** Signals of the dials. */
  readonly signals: AbortSignal[]
}

function createRig(): Rig {
  const clock = createVirtualClock()
  const start = clock.now()
  const dials: string[] = []
  const answering = new Map<string, string>()
  const linked = new Set<string>()
  const signals: AbortSignal[] = []
  const driver: LinkDriver = createLinkDriver({
    clock,
    random: () => 0.5,
    dial(addresses, signal) {
      signals.push(signal)
      dials.push(`${Math.round((clock.now() - start) / 1_000)} ${addresses.join(' ')}`)
      const address = addresses.find((candidate) => answering.has(candidate))
      const peer = address === undefined ? undefined : answering.get(address)
      if (address === undefined || peer === undefined) return Promise.reject(new Error('nobody'))
      linked.add(peer)
      driver.linked(peer)
      return Promise.resolve({ peer, address })
    },
    peerOf: (address) => address.split('@')[1],
    isLinked: (peer) => linked.has(peer)
  })
  return { clock, driver, dials, answering, linked, signals }
}

describe('network/link-driver', () => {
  it('dials nothing before it is started, and all it keeps then', async () => {
    const { clock, driver, dials } = createRig()
    driver.keep('kept', [{ id: 'b', addresses: ['home@bob'] }])
    await clock.advance(60_000)
    assert.deepEqual(dials, [])
    driver.start()
    assert.deepEqual(dials, ['60 home@bob'])
    driver.stop()
  })

  it('keeps up the link with whom somebody dialled by hand, whether or not its address says who that is', async () => {
    for (const address of ['hill@bob', 'hill']) {
      const { clock, driver, dials, answering, linked } = createRig()
      driver.start()
      linked.add('bob')
      driver.linked('bob')
      driver.dialled({ peer: 'bob', address })
      await clock.advance(3_600_000)
      assert.deepEqual(dials, [], 'it is linked')
      linked.delete('bob')
      driver.unlinked('bob')
      await clock.advance(60_000)
      assert.ok(dials.length > 2)
      answering.set(address, 'bob')
      await clock.advance(120_000)
      const dialled = dials.length
      assert.ok(linked.has('bob'))
      await clock.advance(3_600_000)
      assert.equal(dials.length, dialled)
      driver.stop()
    }
  })

  it('keeps up with the last that were dialled by hand, and no more than the limit', async () => {
    const { clock, driver, dials } = createRig()
    driver.start()
    for (let number = 0; number <= MAX_DIALLED_LINKS; number++)
      driver.dialled({ peer: `peer${String(number)}`, address: `place${String(number)}` })
    dials.length = 0
    await clock.advance(3_600_000)
    const places = new Set(dials.map((dial) => dial.split(' ')[1]))
    assert.equal(places.size, MAX_DIALLED_LINKS)
    assert.ok(!places.has('place0'))
    driver.stop()
  })

  it('dials again and again until somebody answers, then no more until the link is lost', async () => {
    const { clock, driver, dials, answering, linked } = createRig()
    driver.start()
    driver.keep('kept', [{ id: 'b', addresses: ['home@bob'] }])
    await clock.advance(10_000)
    assert.deepEqual(dials, ['0 home@bob', '1 home@bob', '3 home@bob', '7 home@bob'])
    answering.set('home@bob', 'bob')
    await clock.advance(3_600_000)
    assert.equal(dials.length, 5)
    linked.delete('bob')
    driver.unlinked('bob')
    await clock.advance(1_000)
    assert.equal(dials.length, 6)
    driver.stop()
  })

  it('dials ever later who ends each link before it has said who it is, and soon who has said so', async () => {
    for (const [says, most] of [
      ['nothing', 12],
      ['who it is', 600]
    ] as const) {
      const { clock, driver, dials, answering, linked } = createRig()
      answering.set('hall@bob', 'bob')
      driver.keep('mine', [{ id: 'bob', addresses: ['hall@bob'] }])
      driver.start()
      for (let second = 0; second < 600; second++) {
        await clock.advance(1_000)
        if (!linked.has('bob')) continue
        if (says !== 'nothing') driver.greeted('bob', [])
        linked.delete('bob')
        driver.unlinked('bob')
      }
      const isFew = dials.length <= most && dials.length > most / 2
      assert.ok(isFew, `who says ${says} is dialled ${String(dials.length)} times in ten minutes`)
    }
  })

  it('does not dial who is linked already, by whatever means', async () => {
    const { clock, driver, dials, linked } = createRig()
    driver.start()
    linked.add('bob')
    driver.keep('kept', [{ id: 'b', addresses: ['home@bob'] }])
    driver.keep('lan', [{ id: 'seen', addresses: ['neighbour'] }])
    assert.deepEqual(dials, ['0 neighbour'])
    driver.greeted('bob', ['neighbour'])
    await clock.advance(3_600_000)
    assert.equal(dials.length, 1)
    driver.stop()
  })

  it('does not dial an address that a linked peer said it listens on before the link was kept', async () => {
    const { clock, driver, dials, linked } = createRig()
    driver.start()
    linked.add('bob')
    driver.greeted('bob', ['neighbour'])
    driver.keep('lan', [{ id: 'seen', addresses: ['neighbour'] }])
    await clock.advance(60_000)
    assert.deepEqual(dials, [])
    linked.delete('bob')
    driver.unlinked('bob')
    await clock.advance(1_000)
    assert.equal(dials.length, 1)
    driver.stop()
  })

  it('dials who was gone again before it was understood who it is', async () => {
    const { clock, driver, dials, linked } = createRig()
    driver.start()
    linked.add('bob')
    driver.linked('bob')
    driver.keep('kept', [{ id: 'b', addresses: ['home@bob'] }])
    linked.delete('bob')
    driver.unlinked('bob')
    driver.greeted('bob', ['home'])
    await clock.advance(60_000)
    assert.notDeepEqual(dials, [])
    driver.stop()
  })

  it('learns whose an address is from who answered there', async () => {
    const { clock, driver, dials, answering, linked } = createRig()
    answering.set('somewhere', 'carol')
    driver.start()
    driver.keep('bootstrap', [{ id: 'somewhere', addresses: ['somewhere'] }])
    await clock.advance(1_000)
    linked.delete('carol')
    driver.unlinked('carol')
    await clock.advance(1_000)
    assert.equal(dials.length, 2)
    driver.stop()
  })

  it('knows which source a peer is kept by, and keeps the sources apart', () => {
    const { driver } = createRig()
    driver.keep('kept', [{ id: 'x', addresses: ['home@bob'] }])
    driver.keep('lan', [{ id: 'x', addresses: ['there@carol'] }])
    assert.deepEqual(
      [driver.isKept('kept', 'bob'), driver.isKept('lan', 'bob'), driver.isKept('lan', 'carol')],
      [true, false, true]
    )
    driver.keep('kept', [])
    assert.deepEqual([driver.isKept('kept', 'bob'), driver.isKept('lan', 'carol')], [false, true])
  })

  it('dials at once when reset', async () => {
    const { clock, driver, dials } = createRig()
    driver.start()
    driver.keep('kept', [{ id: 'b', addresses: ['home@bob'] }])
    await clock.advance(7_200_000)
    const before = dials.length
    driver.reset()
    assert.equal(dials.length, before + 1)
    driver.stop()
  })

  it('dials one peer at once, and no other sooner, when only that may answer again', async () => {
    const { clock, driver, dials } = createRig()
    driver.start()
    driver.keep('kept', [
      { id: 'b', addresses: ['home@bob'] },
      { id: 'c', addresses: ['home@carol'] }
    ])
    await clock.advance(7_200_000)
    dials.length = 0
    driver.reset('carol')
    await clock.advance(10_000)
    assert.deepEqual(
      dials.map((dial) => dial.split(' ')[1]),
      ['home@carol', 'home@carol', 'home@carol', 'home@carol']
    )
    driver.stop()
  })

  it('aborts its dials and sets no more timers when stopped', async () => {
    const { clock, driver, dials, signals } = createRig()
    driver.start()
    driver.keep('kept', [{ id: 'b', addresses: ['home@bob'] }])
    driver.stop()
    await clock.advance(3_600_000)
    assert.equal(dials.length, 1)
    assert.equal(clock.pending, 0)
    assert.ok(signals.every((signal) => signal.aborted))
  })
})
