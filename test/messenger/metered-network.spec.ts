import assert from 'node:assert/strict'
import { Budget, publishCost } from '../../src/messenger/budget.js'
import { HELD_PROTOCOL } from '../../src/messenger/carry/held-notices.js'
import { meteredNetwork } from '../../src/messenger/metered-network.js'
import { createMemoryHub, type MemoryHub } from '../../src/network/memory-network.js'
import type { Network } from '../../src/network/network.js'
import { Tables } from '../../src/storage/records/tables.js'
import { createMemoryStore } from '../../src/index.js'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.js'
import { createRecorder, type Recorder } from '../support/network-recorder.js'

const LIMIT = 1_000_000
const TOPIC = '/t'

describe('messenger/metered-network', () => {
  let clock: VirtualClock
  let hub: MemoryHub
  let budget: Budget
  let metered: Network
  let own: Recorder
  let sent: number

  async function peer(name: string): Promise<{ readonly network: Network; readonly recorder: Recorder }> {
    const network = hub.createNetwork(name)
    const recorder = createRecorder()
    network.join(TOPIC)
    await network.start(recorder.handlers)
    return { network, recorder }
  }

  async function run<T>(promise: Promise<T>): Promise<T> {
    const settled = promise.then(
      () => undefined,
      () => undefined
    )
    await clock.advance(1_000)
    await settled
    return await promise
  }

  beforeEach(async () => {
    clock = createVirtualClock()
    sent = 0
    hub = createMemoryHub({
      clock,
      seed: 1,
      onTransmit: ({ from, bytes }) => {
        if (from === 'alice') sent += bytes
      }
    })
    const tables = new Tables((_, id) => id)
    const store = createMemoryStore()
    budget = new Budget({
      store,
      tables,
      clock,
      bytesPerHour: LIMIT,
      onFailure: (error) => assert.fail(String(error))
    })
    metered = meteredNetwork(hub.createNetwork('alice'), budget)
    own = createRecorder()
    metered.join(TOPIC)
    await metered.start(own.handlers)
  })

  const used = (): number => budget.status(1).used

  it('counts what is published, for each peer it goes to, before it leaves and exactly afterwards', async () => {
    await peer('bob')
    await peer('carol')
    await clock.advance(1_000)
    const publishing = metered.publish(TOPIC, new Uint8Array(512))
    assert.equal(used(), publishCost(512, 2))
    await run(publishing)
    assert.deepEqual([used(), sent], [publishCost(512, 2), publishCost(512, 2)])
    hub.partition([['alice'], ['bob', 'carol']])
    await clock.advance(20_000)
    await run(metered.publish(TOPIC, new Uint8Array(512)))
    assert.equal(used(), publishCost(512, 2), 'nobody was there')
  })

  it('counts requests, answers and streams', async () => {
    const { network, recorder } = await peer('bob')
    recorder.answer = () => Promise.resolve(new Uint8Array(70))
    own.answer = () => Promise.resolve(new Uint8Array(30))
    await clock.advance(1_000)
    await run(metered.request('bob', '/p', new Uint8Array(100)))
    assert.equal(used(), 100)
    await run(network.request('alice', '/p', new Uint8Array(9_000)))
    assert.equal(used(), 130)
    const stream = await run(metered.openStream('bob', '/s'))
    await run(stream.send(new Uint8Array(1_000)))
    assert.equal(used(), 1_130)
    stream.abort()
    assert.equal(used(), sent)
  })

  it('passes on what others publish while there is room for that, and takes it all the same when there is none', async () => {
    const { network } = await peer('bob')
    const { recorder } = await peer('carol')
    hub.cut('bob', 'carol')
    hub.cut('carol', 'bob')
    await clock.advance(20_000)
    await run(network.publish(TOPIC, new Uint8Array(512)))
    assert.deepEqual([own.parcels, recorder.parcels], [1, 1])
    assert.deepEqual([used(), sent], [publishCost(512, 1), publishCost(512, 1)])
    budget.spend(LIMIT / 2)
    await run(network.publish(TOPIC, new Uint8Array(512).fill(1)))
    assert.deepEqual([own.parcels, recorder.parcels, sent], [2, 1, publishCost(512, 1)])
  })

  it('asks nobody and answers nobody when there is no room for that', async () => {
    const { network, recorder } = await peer('bob')
    recorder.answer = () => Promise.resolve(new Uint8Array(1))
    own.answer = () => Promise.resolve(new Uint8Array(1))
    await clock.advance(1_000)
    budget.spend(LIMIT / 2)
    await assert.rejects(run(network.request('alice', '/p', new Uint8Array(1))), { code: 'NETWORK_FAILED' })
    await assert.rejects(run(metered.request('bob', HELD_PROTOCOL, new Uint8Array(1))), {
      code: 'NETWORK_FAILED'
    })
    await run(metered.request('bob', '/p', new Uint8Array(1)))
    budget.spend(LIMIT / 5)
    await assert.rejects(run(metered.request('bob', '/p', new Uint8Array(1))), { code: 'NETWORK_FAILED' })
  })
})
