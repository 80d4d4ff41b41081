import assert from 'node:assert/strict'
import fc from 'fast-check'
import { EventHeap } from '../../src/simulator/event-heap.js'

const nothing = (): void => undefined

describe('simulator/event-heap', () => {
  it('gives events by their time and, at one instant, by their making, but not those that were cancelled', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: 9 }), fc.boolean())), (plans) => {
        const heap = new EventHeap()
        const expected: number[] = []
        const events = plans.map(([at]) => heap.add(at, nothing))
        for (const [order, [at, isCancelled]] of plans.entries()) {
          const event = events[order]
          if (isCancelled && event !== undefined) heap.cancel(event)
          else expected.push(at * 1_000 + order)
        }
        assert.equal(heap.size, expected.length)
        const taken: number[] = []
        for (let event = heap.takeUntil(9); event !== undefined; event = heap.takeUntil(9)) {
          taken.push(event.at * 1_000 + event.order)
        }
        assert.deepEqual(
          taken,
          expected.toSorted((one, other) => one - other)
        )
        assert.equal(heap.size, 0)
      })
    )
  })

  it('keeps what is not due yet', () => {
    const heap = new EventHeap()
    heap.add(2, nothing)
    assert.equal(heap.takeUntil(1), undefined)
    assert.equal(heap.takeUntil(2)?.at, 2)
  })

  it('goes on in order when most events were cancelled', () => {
    const heap = new EventHeap()
    const events = Array.from({ length: 5_000 }, (_, n) => heap.add((n * 7) % 1_000, nothing))
    const left = events.filter((event, n) => {
      if (n % 10 !== 0) heap.cancel(event)
      return n % 10 === 0
    })
    assert.equal(heap.size, left.length)
    const expected = left.toSorted((one, other) => one.at - other.at || one.order - other.order)
    const taken = left.map(() => heap.takeUntil(1_000))
    assert.deepEqual(
      taken.map((event) => event?.order),
      expected.map(({ order }) => order)
    )
    assert.equal(heap.takeUntil(1_000), undefined)
  })

  it('does not keep what a cancelled event would have woken', () => {
    const heap = new EventHeap()
    const event = heap.add(1, nothing)
    heap.cancel(event)
    assert.notEqual(event.wake, nothing)
  })

  it('counts an event that is cancelled after it happened, or twice, once', () => {
    const heap = new EventHeap()
    const event = heap.add(1, nothing)
    heap.add(2, nothing)
    heap.takeUntil(1)
    heap.cancel(event)
    heap.cancel(event)
    assert.equal(heap.size, 1)
  })
})
