import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeMessageId, type MessageId } from '../../../src/codec/ids.js'
import {
  admitClock,
  EMPTY_ORDER,
  insertInOrder,
  nextInOrder,
  positionOf,
  type Order
} from '../../../src/protocol/message/order.js'
import { MAX_CLOCK_JUMP, MAX_PARENTS } from '../../../src/protocol/limits.js'
import { hexOf } from '../../support/protocol-endpoint.js'
import { deepFrozen, must, seeded } from '../../support/protocol-values.js'

interface Written {
  readonly id: MessageId
  readonly clock: number
  readonly parents: readonly string[]
}

function idOf(number: number): MessageId {
  return encodeMessageId(seeded(number)(16))
}

function admit(order: Order, message: Written): Order {
  return deepFrozen(insertInOrder(order, message.id, admitClock(order, message.clock), message.parents))
}

/** Somebody writes on top of what it has seen. */
function write(order: Order, number: number): Written {
  const { clock, parents } = nextInOrder(order)
  return { id: idOf(number), clock, parents: parents.map(hexOf) }
}

/** A conversation of two: who writes, and when the other gets the oldest it has not got. */
function converse(script: readonly { readonly side: 0 | 1; readonly write: boolean }[]): Written[] {
  const orders: [Order, Order] = [EMPTY_ORDER, EMPTY_ORDER]
  const waiting: [Written[], Written[]] = [[], []]
  const all: Written[] = []
  for (const event of script) {
    const { side } = event
    if (event.write) {
      const message = write(orders[side], all.length)
      orders[side] = admit(orders[side], message)
      waiting[side === 0 ? 1 : 0].push(message)
      all.push(message)
    } else {
      const message = waiting[side].shift()
      if (message !== undefined) orders[side] = admit(orders[side], message)
    }
  }
  return all
}

const scripts = fc.array(fc.record({ side: fc.constantFrom<0 | 1>(0, 1), write: fc.boolean() }), {
  maxLength: 50
})

describe('protocol/message/order', () => {
  it('puts a message after all its author had seen, wherever it arrives', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const all = converse(script)
        const places = new Map(all.map(({ id, clock }) => [String(id), positionOf(clock, id)]))
        for (const { id, parents } of all) {
          for (const parent of parents) assert.ok(must(places.get(parent)) < must(places.get(id)))
        }
      })
    )
  })

  it('is the same for everybody, in whatever order messages arrive', () => {
    const shuffled = scripts.chain((script) => {
      const all = converse(script)
      return fc.tuple(
        fc.constant(all),
        fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
      )
    })
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        const sorted = (list: readonly Written[]): string[] => {
          let order = EMPTY_ORDER
          const places = list.map((message) => {
            const clock = admitClock(order, message.clock)
            order = admit(order, message)
            return positionOf(clock, message.id)
          })
          return places.sort()
        }
        assert.deepEqual(sorted(other), sorted(all))
      })
    )
  })

  it('names as parents what nothing follows yet, and at most eight', () => {
    fc.assert(
      fc.property(scripts, (script) => {
        const all = converse(script)
        const order = all.reduce(admit, EMPTY_ORDER)
        const followed = new Set(all.flatMap(({ parents }) => parents))
        const heads = all.map(({ id }) => id).filter((id) => !followed.has(id))
        assert.deepEqual([...order.heads].sort(), heads.slice(-MAX_PARENTS).sort())
      })
    )
    let order = EMPTY_ORDER
    for (let number = 0; number < 20; number += 1) order = insertInOrder(order, idOf(number), 1, [])
    assert.equal(order.heads.length, MAX_PARENTS)
    assert.equal(order.heads.at(-1), idOf(19))
  })

  it('sorts clocks as text as it does as numbers', () => {
    const clock = fc.maxSafeNat()
    const id = idOf(1)
    fc.assert(
      fc.property(clock, clock, (one, other) => {
        assert.equal(positionOf(one, id) < positionOf(other, id), one < other)
      })
    )
    assert.equal(positionOf(2 ** 53 - 1, id), `1fffffffffffff-${id}`.padStart(47, '0'))
  })

  it('lets nobody claim the end of a conversation for ever', () => {
    const claimed = 2 ** 53 - 1
    const order: Order = { clock: 7, heads: [] }
    assert.equal(admitClock(order, claimed), 8)
    assert.equal(admitClock(order, 7 + MAX_CLOCK_JUMP), 7 + MAX_CLOCK_JUMP)
    assert.equal(admitClock(order, 8 + MAX_CLOCK_JUMP), 8)
    assert.equal(admitClock(order, 0), 0)
    const after = insertInOrder(order, idOf(1), admitClock(order, claimed), [])
    assert.equal(nextInOrder(after).clock, 9)
    assert.equal(insertInOrder(after, idOf(2), 3, []).clock, 8)
  })

  it('counts a message once', () => {
    const once = insertInOrder(EMPTY_ORDER, idOf(1), 1, [])
    assert.deepEqual(insertInOrder(once, idOf(1), 1, []), once)
  })
})
