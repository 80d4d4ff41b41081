import assert from 'node:assert/strict'
import fc from 'fast-check'
import { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { addId, emptySum, fingerprintOf } from '../../../src/protocol/sync/item-sum.js'
import { compareItems, orderOf, type Item } from '../../../src/protocol/sync/item.js'
import { indexOf, itemsFrom, numberedItem } from '../../support/sync-items.js'
import { seededRandom } from '../../support/store-random.js'

function expectedFingerprint(items: readonly Item[]): Uint8Array {
  const sum = emptySum()
  for (const { id } of items) addId(sum, id, 0)
  return fingerprintOf(sum, items.length)
}

describe('protocol/sync/item-index', () => {
  it('is the sorted set of what was put in and not taken out, with the sums of every range', () => {
    const step = fc.tuple(fc.boolean(), fc.nat(3), fc.nat(1200))
    fc.assert(
      fc.property(
        fc.array(step, { minLength: 1, maxLength: 1500, size: 'max' }),
        fc.nat(),
        fc.nat(),
        (steps, one, other) => {
          const index = new ItemIndex()
          const model = new Map<string, { item: Item; slot: number }>()
          for (const [slot, [isInsert, day, n]] of steps.entries()) {
            const item = numberedItem(day, n)
            const key = `${String(day)}/${String(n)}`
            // What is remembered of all must not outlive a change.
            if (slot % 100 === 0) index.fingerprint(0, index.size)
            if (isInsert) {
              assert.equal(index.insert(item, slot), !model.has(key))
              if (!model.has(key)) model.set(key, { item, slot })
            } else {
              assert.equal(index.delete(item), model.get(key)?.slot)
              model.delete(key)
            }
          }
          const sorted = [...model.values()].sort((a, b) => compareItems(a.item, b.item))
          assert.equal(index.size, sorted.length)
          // Asked twice, as the second is remembered; and what was given may be written to.
          const whole = expectedFingerprint(sorted.map(({ item }) => item))
          for (let asked = 0; asked < 2; asked++) {
            const given = index.fingerprint(0, index.size)
            assert.deepEqual(given, whole)
            given.fill(0)
          }
          const [from = 0, to = 0] = [one % (sorted.length + 1), other % (sorted.length + 1)].sort(
            (a, b) => a - b
          )
          assert.deepEqual(
            index.fingerprint(from, to),
            expectedFingerprint(sorted.slice(from, to).map(({ item }) => item))
          )
          assert.deepEqual(
            index.items(),
            sorted.map(({ item }) => item)
          )
          for (const [position, { item, slot }] of sorted.entries()) {
            assert.equal(index.find(item), slot)
            if (position % 50 !== 0) continue
            assert.deepEqual(index.itemAt(position), item)
            assert.equal(index.slotAt(position), slot)
            assert.equal(index.rank({ order: orderOf(item.day), prefix: item.id }), position)
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it('finds what begins so on whichever day it lies, at the edges of blocks too', () => {
    const index = new ItemIndex()
    const random = seededRandom('prefixes')
    const items = itemsFrom(random, 2_000).map(({ id }, n): Item => ({ day: 100 + (n % 5), id }))
    for (const [slot, item] of items.entries()) index.insert(item, slot)
    for (const { id } of items) assert.ok(index.hasPrefix(id.subarray(0, 16)))
    const [gone, ...others] = items
    assert.ok(gone !== undefined)
    index.delete(gone)
    assert.equal(index.hasPrefix(gone.id.subarray(0, 16)), false)
    for (const { day, id } of others) index.delete(day === 102 ? { day, id } : { day: 0, id })
    for (const { day, id } of others) assert.equal(index.hasPrefix(id.subarray(0, 16)), day !== 102)
    assert.equal(new ItemIndex().hasPrefix(gone.id), false)
  })

  it('keeps its sums over many blocks', () => {
    const items = itemsFrom(seededRandom('blocks'), 3_000)
    const index = indexOf(items)
    for (const item of items.slice(0, 1_500)) index.delete(item)
    assert.deepEqual(index.fingerprint(0, index.size), expectedFingerprint(items.slice(1_500)))
  })

  it('knows nothing that was not put in', () => {
    const index = indexOf([numberedItem(1, 1)])
    assert.equal(index.find(numberedItem(2, 1)), undefined)
    assert.equal(index.delete(numberedItem(1, 2)), undefined)
    for (const position of [-1, 1]) assert.throws(() => index.itemAt(position), RangeError)
  })
})
