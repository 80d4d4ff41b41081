import assert from 'node:assert/strict'
import { createTransmit } from '../../src/network/memory-medium.js'
import type { MediumOptions, Transmission, Transmit } from '../../src/network/memory-medium.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'
import type { VirtualClock } from '../../src/simulator/virtual-clock.js'

interface Rig {
  readonly clock: VirtualClock
  readonly arrived: number[]
  readonly trace: Transmission[]
  readonly cuts: Set<string>
  send(number: number, kind?: Transmission['kind']): void
}

function createRig(options: Partial<MediumOptions> = {}): Rig {
  const clock = createVirtualClock()
  const arrived: number[] = []
  const trace: Transmission[] = []
  const cuts = new Set<string>()
  const onTransmit = (transmission: Transmission): void => void trace.push(transmission)
  const transmit: Transmit = createTransmit(
    { clock, onTransmit, ...options },
    createSeededRandom(3),
    (from, to) => cuts.has(`${from} ${to}`)
  )
  return {
    clock,
    arrived,
    trace,
    cuts,
    send(number, kind = 'parcel') {
      transmit('alice', 'bob', kind, 100, () => arrived.push(number))
    }
  }
}

const numbers = Array.from({ length: 100 }, (_, number) => number)

describe('network/memory-medium', () => {
  it('keeps the order of a link, however different the delays', async () => {
    const { clock, arrived, send } = createRig({ delay: [1, 500] })
    for (const number of numbers) send(number)
    await clock.advance(1_000)
    assert.deepEqual(arrived, numbers)
  })

  it('reorders parcels if told so, but never requests', async () => {
    for (const kind of ['parcel', 'request'] as const) {
      const { clock, arrived, send } = createRig({ reordering: 0.5 })
      for (const number of numbers) send(number, kind)
      await clock.advance(2_000)
      assert.equal(arrived.length, numbers.length)
      if (kind === 'parcel') assert.notDeepEqual(arrived, numbers)
      else assert.deepEqual(arrived, numbers)
    }
  })

  it('swallows what is under way when a link is cut, and what is sent after', async () => {
    const { clock, arrived, trace, cuts, send } = createRig({ delay: [10, 10] })
    send(1)
    cuts.add('alice bob')
    send(2)
    await clock.advance(100)
    assert.deepEqual(arrived, [])
    assert.deepEqual(
      trace.map(({ fate }) => fate),
      ['sent', 'lost']
    )
  })

  it('sends one after the other where bandwidth is short', async () => {
    const { clock, arrived, send } = createRig({ delay: [0, 0], bandwidth: 1_000 })
    for (const number of [1, 2, 3]) send(number)
    await clock.advance(200)
    assert.deepEqual(arrived, [1, 2])
  })
})
