import assert from 'node:assert/strict'
import { decodeParcel } from '../../src/codec/parcel.js'
import { isMessengerError } from '../../src/errors.js'
import { createMemoryHub } from '../../src/network/memory-network.js'
import type { MemoryHub, MemoryHubOptions } from '../../src/network/memory-network.js'
import type { Transmission } from '../../src/network/memory-medium.js'
import type { Network, NetworkHandlers } from '../../src/network/network.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'
import type { VirtualClock } from '../../src/simulator/virtual-clock.js'

const topic = '/t'

interface Node {
  readonly network: Network
  readonly received: number[]
  readonly joined: string[]
}

interface Rig {
  readonly clock: VirtualClock
  readonly hub: MemoryHub
  open(name: string): Promise<Node>
}

function createRig(options: Partial<MemoryHubOptions> = {}): Rig {
  const clock = createVirtualClock()
  const hub = createMemoryHub({ clock, seed: 1, ...options })
  return {
    clock,
    hub,
    async open(name) {
      const network = hub.createNetwork(name)
      const received: number[] = []
      const joined: string[] = []
      network.join(topic)
      await network.start(recorder(received, joined))
      return { network, received, joined }
    }
  }
}

function recorder(received: number[], joined: string[]): NetworkHandlers {
  return {
    inspect: (_, parcel) => (decodeParcel(parcel) === undefined ? 'reject' : 'accept'),
    onParcel: (_, parcel) =>
      void received.push(...(decodeParcel(parcel) ?? []).map((envelope) => envelope[0] ?? -1)),
    onPeers: () => undefined,
    onJoin: (_, peer) => void joined.push(peer),
    onRequest: (_, request) => Promise.resolve(request.toReversed()),
    onStream: () => undefined
  }
}

const envelope = (first: number): Uint8Array => new Uint8Array(512).fill(first)

describe('network/memory-network', () => {
  it('links again to whom it was told to dial when that link was cut', async () => {
    const { clock, hub, open } = createRig({ discovery: false })
    const [alice, bob] = [await open('alice'), await open('bob')]
    const dialled = alice.network.dial('/memory/bob')
    await clock.advance(100)
    await dialled
    hub.partition([['alice'], ['bob']])
    await clock.advance(60_000)
    assert.deepEqual(alice.network.peers(), [])
    hub.heal()
    await clock.advance(1_000)
    assert.deepEqual(
      bob.network.peers().map(({ peer }) => peer),
      ['alice']
    )
  })

  it('lets nodes find each other and carries an envelope to everybody in the topic', async () => {
    const { clock, open } = createRig()
    const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
    await clock.advance(100)
    assert.deepEqual(alice.joined.toSorted(), ['bob', 'carol'])
    assert.deepEqual(await alice.network.publish(topic, envelope(7)), { recipients: 2 })
    await clock.advance(100)
    assert.deepEqual([alice.received, bob.received, carol.received], [[], [7], [7]])
  })

  it('gives a late joiner nothing of the past', async () => {
    const { clock, open } = createRig()
    const alice = await open('alice')
    assert.deepEqual(await alice.network.publish(topic, envelope(7)), { recipients: 0 })
    const bob = await open('bob')
    await clock.advance(60_000)
    assert.deepEqual(bob.received, [])
  })

  it('loses in silence what crosses a partition until both ends notice, then heals by itself', async () => {
    const { clock, hub, open } = createRig()
    const [alice, bob] = [await open('alice'), await open('bob')]
    await clock.advance(100)
    hub.partition([['alice'], ['bob']])
    assert.deepEqual(await alice.network.publish(topic, envelope(1)), { recipients: 1 })
    await clock.advance(15_000)
    assert.deepEqual([alice.network.peers(), bob.network.peers()], [[], []])
    assert.deepEqual(await alice.network.publish(topic, envelope(2)), { recipients: 0 })
    hub.heal()
    await clock.advance(1_000)
    await alice.network.publish(topic, envelope(3))
    await clock.advance(100)
    assert.deepEqual(bob.received, [3])
  })

  it('treats a link cut in one direction as dead for both', async () => {
    const { clock, hub, open } = createRig({ detectAfter: 1_000 })
    const [alice, bob] = [await open('alice'), await open('bob')]
    await clock.advance(100)
    hub.cut('alice', 'bob')
    await clock.advance(1_000)
    assert.deepEqual([alice.network.peers(), bob.network.peers()], [[], []])
  })

  it('forwards between nodes that have no link to each other', async () => {
    const { clock, open } = createRig({ discovery: false })
    const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
    const dials = Promise.all([alice.network.dial('/memory/bob'), carol.network.dial('/memory/bob')])
    await clock.advance(100)
    assert.deepEqual(await dials, ['bob', 'bob'])
    await alice.network.publish(topic, envelope(9))
    await clock.advance(100)
    assert.deepEqual([bob.received, carol.received], [[9], [9]])
  })

  it('keeps a link up: dials again when the other is back', async () => {
    const { clock, open } = createRig({ discovery: false })
    const [alice, bob] = [await open('alice'), await open('bob')]
    alice.network.keep([{ id: 'b', addresses: ['/memory/bob'] }])
    await clock.runUntil(() => alice.network.peers().length === 1, 1_000)
    await bob.network.stop()
    assert.equal(alice.network.peers().length, 0)
    await clock.advance(3_600_000)
    await bob.network.start(recorder(bob.received, bob.joined))
    await clock.runUntil(() => alice.network.peers().length === 1, 300_000)
  })

  it('tells the caller when nobody answers at an address, or when it is none', async () => {
    const { clock, open } = createRig()
    const alice = await open('alice')
    const dialled = assert.rejects(alice.network.dial('/memory/nobody'), (error) =>
      isMessengerError(error, 'DIAL_FAILED')
    )
    await clock.advance(100)
    await dialled
    await assert.rejects(alice.network.dial('nonsense'), (error) =>
      isMessengerError(error, 'ADDRESS_INVALID')
    )
  })

  it('lets a request that is lost fail after its time', async () => {
    const { clock, hub, open } = createRig()
    const alice = await open('alice')
    await open('bob')
    await clock.advance(100)
    hub.cut('bob', 'alice')
    const asked = assert.rejects(alice.network.request('bob', '/p', Uint8Array.of(1)), (error) =>
      isMessengerError(error, 'NETWORK_FAILED')
    )
    await clock.advance(10_000)
    await asked
  })

  it('loses, doubles and reorders about as often as told, and exactly the same with the same seed', async () => {
    const run = async (seed: number): Promise<{ trace: Transmission[]; received: number[] }> => {
      const trace: Transmission[] = []
      const disturbances = {
        loss: 0.2,
        duplication: 0.2,
        reordering: 0.3,
        onTransmit: (t: Transmission) => trace.push(t)
      }
      const { clock, open } = createRig({ seed, ...disturbances })
      const [alice, bob] = [await open('alice'), await open('bob')]
      await clock.advance(100)
      for (let n = 0; n < 200; n += 1) {
        void alice.network.publish(topic, envelope(n))
        await clock.advance(10)
      }
      await clock.advance(2_000)
      return { trace, received: bob.received }
    }
    const [first, again, other] = [await run(5), await run(5), await run(6)]
    assert.deepEqual(first, again)
    assert.notDeepEqual(first.trace, other.trace)
    const lost = first.trace.filter(({ fate }) => fate === 'lost').length
    assert.ok(lost > 20 && lost < 70, `${String(lost)} of 200 lost`)
    assert.equal(first.received.length, 200 - lost, 'doubled parcels arrive once')
    assert.notDeepEqual(
      first.received,
      first.received.toSorted((a, b) => a - b)
    )
  })

  it('takes the time that its bandwidth needs', async () => {
    const { clock, open } = createRig({ bandwidth: 1_000 })
    const [alice, bob] = [await open('alice'), await open('bob')]
    await clock.advance(100)
    await alice.network.publish(topic, envelope(1))
    await clock.advance(500)
    assert.deepEqual(bob.received, [])
    await clock.advance(100)
    assert.deepEqual(bob.received, [1])
  })

  it('heals one direction, and links those two alone', async () => {
    const { clock, hub, open } = createRig({ detectAfter: 1_000 })
    const [alice, bob, carol] = [await open('alice'), await open('bob'), await open('carol')]
    hub.partition([['alice'], ['bob'], ['carol']])
    await clock.advance(2_000)
    hub.heal('alice', 'bob')
    await clock.advance(2_000)
    assert.deepEqual(alice.network.peers(), [])
    hub.heal('bob', 'alice')
    await clock.advance(2_000)
    const names = [alice, bob, carol].map(({ network }) => network.peers().map(({ peer }) => peer))
    assert.deepEqual(names, [['bob'], ['alice'], []])
  })

  it('has those two dial each other at once whose directions are healed', async () => {
    const { clock, hub, open } = createRig({ discovery: false, detectAfter: 1_000 })
    const [alice, bob] = [await open('alice'), await open('bob')]
    alice.network.keep([{ id: 'b', addresses: ['/memory/bob'] }])
    hub.partition([['alice'], ['bob']])
    await clock.advance(3_600_000)
    hub.heal('alice', 'bob')
    hub.heal('bob', 'alice')
    await clock.advance(100)
    assert.deepEqual([alice.network.peers().length, bob.network.peers().length], [1, 1])
  })

  it('damages what leaves a publisher as often as told, and stops when told', async () => {
    const { clock, hub, open } = createRig({ corruption: 1 })
    const [alice, bob] = [await open('alice'), await open('bob')]
    await clock.advance(100)
    let whole = 0
    await bob.network.stop()
    await bob.network.start({
      ...recorder([], []),
      inspect: (_, parcel) => {
        if (decodeParcel(parcel)?.every((bytes) => Buffer.compare(bytes, envelope(7)) === 0)) whole += 1
        return 'ignore'
      }
    })
    await clock.advance(100)
    for (const corruption of [1, 0]) {
      hub.disturb({ corruption })
      for (let n = 0; n < 20; n += 1) {
        await alice.network.publish(topic, envelope(7))
        await clock.advance(100)
      }
      // Some bits are of the salt, which is no part of the envelope.
      if (corruption === 1) assert.ok(whole < 5, String(whole))
      else assert.ok(whole >= 20, String(whole))
    }
  })

  it('takes other disturbances from when it is told', async () => {
    const { clock, hub, open } = createRig()
    const [alice, bob] = [await open('alice'), await open('bob')]
    await clock.advance(100)
    hub.disturb({ loss: 1 })
    await alice.network.publish(topic, envelope(1))
    await clock.advance(100)
    hub.disturb({ loss: 0, delay: [500, 500] })
    await alice.network.publish(topic, envelope(2))
    await clock.advance(400)
    assert.deepEqual(bob.received, [])
    await clock.advance(200)
    assert.deepEqual(bob.received, [2])
  })

  it('says in words what it does not take', () => {
    const clock = createVirtualClock()
    const isBad = { code: 'OPTIONS_INVALID' }
    const make = (options: unknown) => (): unknown => Reflect.apply(createMemoryHub, undefined, [options])
    for (const options of [undefined, null, {}, { clock }, { seed: 1 }, { seed: 1, clock: {} }])
      assert.throws(make(options), isBad)
    const wrong = [
      { delay: 5 },
      { delay: [5] },
      { delay: [5, 1] },
      { loss: 2 },
      { corruption: '1' },
      { bandwidth: 0 },
      { reorderWindow: -1 }
    ]
    for (const options of [...wrong, { detectAfter: 'soon' }, { discovery: 'no' }, { onTransmit: 5 }])
      assert.throws(make({ clock, seed: 1, ...options }), isBad, JSON.stringify(options))
    const hub = createMemoryHub({ clock, seed: 1 })
    const call =
      (method: Exclude<keyof MemoryHub, symbol>, ...given: unknown[]) =>
      (): unknown =>
        Reflect.apply(hub[method], hub, given)
    call('createNetwork', 'alice')()
    for (const name of [undefined, '', 5, 'alice']) assert.throws(call('createNetwork', name), isBad)
    for (const groups of [undefined, 'alice', ['alice'], [[5]]])
      assert.throws(call('partition', groups), isBad)
    for (const names of [[], ['alice'], ['alice', 5]]) assert.throws(call('cut', ...names), isBad)
    assert.throws(call('heal', null), isBad)
    for (const changes of [undefined, ...wrong]) assert.throws(call('disturb', changes), isBad)
  })

  it('takes what is undefined for what is not given, from the beginning and when it is disturbed', async () => {
    const sent: Transmission[] = []
    const { clock, hub, open } = createRig({
      loss: 1,
      delay: undefined,
      detectAfter: undefined,
      discovery: undefined,
      onTransmit: (one) => sent.push(one)
    })
    const [alice] = [await open('alice'), await open('bob')]
    await clock.advance(100)
    hub.disturb({ loss: undefined, duplication: undefined })
    await alice.network.publish(topic, envelope(1))
    assert.deepEqual(
      sent.map(({ fate }) => fate),
      ['lost']
    )
  })
})
