import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ReadyQueue } from '../../../src/messenger/send/ready-queue.js'

interface Ranked {
  readonly name: number
  rank: number
}

describe('messenger/ready-queue', () => {
  const drain = (queue: ReadyQueue<Ranked>): number[] => {
    const names: number[] = []
    for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) names.push(entry.name)
    return names
  }

  it('gives what is most pressing first, and of those alike what came first', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 })), (ranks) => {
        const queue = new ReadyQueue<Ranked>()
        const entries = ranks.map((rank, name) => ({ name, rank }))
        for (const entry of entries) queue.push(entry)
        assert.equal(queue.all().length, entries.length)
        const expected = entries.toSorted((one, other) => other.rank - one.rank).map(({ name }) => name)
        assert.deepEqual(drain(queue), expected)
        assert.ok(queue.isEmpty)
      })
    )
  })

  it('gives nothing that is less pressing than asked for', () => {
    const queue = new ReadyQueue<Ranked>()
    for (const rank of [0, 1]) queue.push({ name: rank, rank })
    assert.deepEqual(
      [queue.shift(2), queue.shift(1)?.name, queue.shift(1), queue.shift()?.name],
      [undefined, 1, undefined, 0]
    )
  })

  it('lines up anew when ranks have changed, and loses nothing', () => {
    const queue = new ReadyQueue<Ranked>()
    const entries = [0, 1, 2, 3].map((name) => ({ name, rank: name === 2 ? 2 : 0 }))
    for (const entry of entries) queue.push(entry)
    for (const entry of entries.slice(3)) entry.rank = 2
    queue.sort()
    assert.deepEqual(drain(queue), [2, 3, 0, 1])
  })
})
