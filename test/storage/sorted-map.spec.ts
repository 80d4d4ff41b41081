import assert from 'node:assert/strict'
import fc from 'fast-check'
import { SortedMap } from '../../src/storage/sorted-map.js'
import { value } from '../support/store-pairs.js'

const number = (index: number): string => String(index).padStart(6, '0')

describe('a sorted map', () => {
  it('keeps thousands of keys in order, whatever the order they came in', () => {
    for (const step of [1, -1, 7919]) {
      const count = 5000
      const map = new SortedMap()
      for (let index = 0; index < count; index++) {
        map.set(number((((index * step) % count) + count) % count), value('x'))
      }
      const keys = [...map.snapshot({})].map(([key]) => key)
      assert.deepEqual(
        keys,
        Array.from({ length: count }, (_, index) => number(index))
      )
    }
  })

  it('does what a map would, and its snapshots never change', () => {
    const key = fc.nat(800).map(number)
    const step = fc.record({ kind: fc.constantFrom('set', 'set', 'set', 'delete', 'snapshot'), key })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 1500, size: 'max' }), (steps) => {
        const map = new SortedMap()
        const model = new Map<string, Uint8Array>()
        const snapshots: [Iterable<readonly [string, Uint8Array]>, string[]][] = []
        steps.forEach(({ kind, key }, index) => {
          const bytes = value(String(index))
          if (kind === 'set') {
            map.set(key, bytes)
            model.set(key, bytes)
          } else if (kind === 'delete') {
            map.delete(key)
            model.delete(key)
          } else {
            snapshots.push([map.snapshot({}), [...model.keys()].toSorted()])
          }
          assert.equal(map.get(key), model.get(key))
        })
        snapshots.push([map.snapshot({}), [...model.keys()].toSorted()])
        for (const [snapshot, expected] of snapshots)
          assert.deepEqual(
            Array.from(snapshot, ([key]) => key),
            expected
          )
      }),
      { numRuns: 20 }
    )
  })

  it('gives a snapshot the values of its moment', () => {
    const map = new SortedMap()
    map.set('a', value('1'))
    const before = map.snapshot({})
    map.set('a', value('2'))
    assert.deepEqual([...before], [['a', value('1')]])
    assert.deepEqual([...map.snapshot({})], [['a', value('2')]])
  })

  it('starts a snapshot in the middle without reading what is before', () => {
    const map = new SortedMap()
    for (let index = 0; index < 1000; index++) map.set(number(index), value('x'))
    const keys = (range: Parameters<SortedMap['snapshot']>[0]): string[] =>
      [...map.snapshot(range)].map(([key]) => key)
    assert.deepEqual(keys({ gte: number(500), limit: 2 }), [number(500), number(501)])
    assert.deepEqual(keys({ lt: number(500), reverse: true, limit: 2 }), [number(499), number(498)])
    assert.deepEqual(keys({ gt: number(998) }), [number(999)])
    assert.deepEqual(keys({ lte: number(0), reverse: true }), [number(0)])
  })
})
