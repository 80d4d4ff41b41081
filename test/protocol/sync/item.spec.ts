import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  boundBetween,
  compareBounds,
  compareItems,
  END,
  envelopeId,
  FIRST,
  orderOf,
  shortIdKey,
  type Bound,
  type Item
} from '../../../src/protocol/sync/item.js'

const item = fc.record({ day: fc.nat(65_535), id: fc.uint8Array({ minLength: 32, maxLength: 32 }) })

/** Whether an item lies before a bound, by the definition. */
function isBefore({ day, id }: Item, { order, prefix }: Bound): boolean {
  const padded = new Uint8Array(32)
  padded.set(prefix)
  return compareItems({ day, id }, { day: 65_535 - order, id: padded }) < 0
}

describe('protocol/sync/item', () => {
  it('orders what expires last first, then by id', () => {
    const id = (first: number): Uint8Array => new Uint8Array(32).fill(first)
    const items = [
      { day: 7, id: id(2) },
      { day: 9, id: id(3) },
      { day: 7, id: id(1) }
    ]
    assert.deepEqual(
      items.sort(compareItems).map(({ day, id: [first] }) => [day, first]),
      [
        [9, 3],
        [7, 1],
        [7, 2]
      ]
    )
  })

  it('finds a bound between any two items that follow each other', () => {
    fc.assert(
      fc.property(item, item, (one, other) => {
        const [before, after] = [one, other].sort(compareItems)
        fc.pre(before !== undefined && after !== undefined && compareItems(before, after) !== 0)
        const bound = boundBetween(before, after)
        assert.deepEqual([isBefore(before, bound), isBefore(after, bound)], [true, false])
        assert.ok(compareBounds(FIRST, bound) < 0 && compareBounds(bound, END) < 0)
      })
    )
  })

  it('makes the bound no longer than tells the two apart', () => {
    const id = (last: number, length = 32): Uint8Array => new Uint8Array(32).fill(last, 32 - length)
    const order = orderOf(6)
    for (const [before, after, prefix] of [
      [{ day: 7, id: id(1) }, { day: 6, id: id(2) }, []],
      [{ day: 6, id: id(1) }, { day: 6, id: id(2) }, [2]],
      [{ day: 6, id: id(0) }, { day: 6, id: id(5, 1) }, [...id(5, 1)]]
    ] as const) {
      assert.deepEqual(boundBetween(before, after), { order, prefix: Uint8Array.from(prefix) })
    }
  })

  it('names an envelope by SHA-256, and compares the first half', () => {
    const hash = envelopeId(new Uint8Array(0))
    assert.equal(Buffer.from(hash).toString('hex').slice(0, 16), 'e3b0c44298fc1c14')
    const other = Uint8Array.from(hash)
    other[16] = 0
    assert.equal(shortIdKey(hash), shortIdKey(other))
    other[15] = 0
    assert.notEqual(shortIdKey(hash), shortIdKey(other))
  })

  it('places the latest day first', () => {
    assert.deepEqual([orderOf(65_535), orderOf(0)], [0, 65_535])
  })
})
