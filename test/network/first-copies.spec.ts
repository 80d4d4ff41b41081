import assert from 'node:assert/strict'
import { FirstCopies } from '../../src/network/first-copies.js'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'
import type { VirtualClock } from '../../src/simulator/virtual-clock.js'

interface Rig {
  readonly clock: VirtualClock
  readonly arrived: string[]
  readonly known: Set<string>
  /** A copy that is taken when it arrives, unless something swallows it. */
  expect(name: string, at: number, isSwallowed?: () => boolean): void
}

function createRig(): Rig {
  const clock = createVirtualClock(0)
  const arrived: string[] = []
  const known = new Set<string>()
  const copies = new FirstCopies(clock, (key) => known.has(key))
  return {
    clock,
    arrived,
    known,
    expect(name, at, isSwallowed = () => false) {
      const [key = ''] = name
      copies.expect(key, at, () => {
        if (isSwallowed()) return
        arrived.push(`${name} ${String(clock.now())}`)
        known.add(key)
      })
    }
  }
}

describe('network/first-copies', () => {
  it('has the first copy of each parcel arrive, whatever order they were sent in', async () => {
    const { clock, arrived, expect } = createRig()
    for (const [name, at] of [
      ['a1', 30],
      ['b1', 25],
      ['a2', 20],
      ['a3', 40],
      ['b2', 25]
    ] as const)
      expect(name, at)
    await clock.advance(100)
    assert.deepEqual(arrived, ['a2 20', 'b1 25'])
  })

  it('has no event for a copy that comes later, or of what is known', async () => {
    const { clock, known, expect } = createRig()
    expect('a1', 20)
    for (const at of [20, 30, 40]) expect('a2', at)
    known.add('b')
    expect('b1', 5)
    assert.equal(clock.pending, 1)
    await clock.advance(100)
    assert.equal(clock.events, 1)
  })

  it('has the next arrive at its own time when those before are swallowed', async () => {
    const { clock, arrived, expect } = createRig()
    const isCut = (): boolean => clock.now() < 35
    for (const [name, at] of [
      ['a1', 20],
      ['a2', 50],
      ['a3', 40],
      ['a4', 30]
    ] as const)
      expect(name, at, isCut)
    await clock.advance(100)
    assert.deepEqual(arrived, ['a3 40'])
  })

  it('begins anew when all were swallowed', async () => {
    const { clock, arrived, expect } = createRig()
    for (const at of [10, 20]) expect('a1', at, () => true)
    await clock.advance(50)
    expect('a2', 60)
    await clock.advance(50)
    assert.deepEqual(arrived, ['a2 60'])
  })

  it('lets in what would come in if each copy were an event', async () => {
    for (let seed = 0; seed < 500; seed += 1) {
      const random = createSeededRandom(seed)
      const sent = Array.from({ length: 12 }, (_, number) => ({
        name: `${random.chance(0.5) ? 'a' : 'b'}${String(number)}`,
        sentAt: Math.floor(random.between(0, 40)),
        takes: Math.floor(random.between(1, 60)),
        isSwallowed: random.chance(0.6)
      }))
      const [each, first] = [createRig(), createRig()]
      for (const { name, sentAt, takes, isSwallowed } of sent) {
        const [key = ''] = name
        each.clock.schedule(sentAt + takes, () => {
          if (isSwallowed || each.known.has(key)) return
          each.known.add(key)
          each.arrived.push(`${name} ${String(each.clock.now())}`)
        })
        first.clock.schedule(sentAt, () => {
          first.expect(name, sentAt + takes, () => isSwallowed)
        })
      }
      for (const { clock } of [each, first]) await clock.advance(200)
      const times = (arrived: readonly string[]): string[] =>
        arrived.map((what) => what.replace(/\d+ /, ' ')).sort()
      assert.deepEqual(times(first.arrived), times(each.arrived), `seed ${String(seed)}`)
      assert.equal(first.clock.pending, 0)
    }
  })
})
