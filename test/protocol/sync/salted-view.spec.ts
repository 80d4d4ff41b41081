import assert from 'node:assert/strict'
import { sha256 } from '../../../src/crypto/hash.js'
import type { ItemIndex } from '../../../src/protocol/sync/item-index.js'
import { addId, emptySum, fingerprintOf } from '../../../src/protocol/sync/item-sum.js'
import { orderOf } from '../../../src/protocol/sync/item.js'
import { SaltedView } from '../../../src/protocol/sync/salted-view.js'
import { indexOf, itemsFrom } from '../../support/sync-items.js'
import { seededRandom } from '../../support/store-random.js'

const random = seededRandom('salted')

describe('protocol/sync/salted-view', () => {
  const index = indexOf([...itemsFrom(random, 128, 3), ...itemsFrom(random, 65, 9)])

  it('has the order of the set, as it was when it was made', () => {
    const view = new SaltedView(index, random(16))
    const size = index.size
    for (let position = 0; position < size; position++) {
      const { day, id } = view.itemAt(position)
      assert.deepEqual({ day, id }, index.itemAt(position))
      assert.equal(view.rank({ order: orderOf(day), prefix: id }), position)
    }
    const [late] = itemsFrom(random, 1, 5)
    assert.ok(late !== undefined && index.insert(late, 0))
    assert.equal(view.size, size)
    index.delete(late)
  })

  it('has no item behind the last', () => {
    const view = new SaltedView(index, random(16))
    assert.throws(() => view.itemAt(view.size), RangeError)
  })

  /** Whether the view of this index has the sum of each of these ranges. */
  function assertSums(of: ItemIndex, ranges: readonly (readonly [number, number])[]): void {
    const salt = random(16)
    const view = new SaltedView(of, salt)
    for (const [from, to] of ranges) {
      const sum = emptySum()
      for (let position = from; position < to; position++) {
        addId(sum, sha256(Buffer.from('hallig/1/sync/salt'), salt, of.itemAt(position).id), 0)
      }
      assert.deepEqual(view.fingerprint(from, to), fingerprintOf(sum, to - from))
    }
  }

  it('sums what the salt makes of the ids, also where the set ends with a kept sum', () => {
    assertSums(index, [
      [0, 193],
      [0, 0],
      [63, 65],
      [5, 128]
    ])
    for (const size of [0, 64, 512]) assertSums(indexOf(itemsFrom(random, size)), [[0, size]])
  })

  it('has other sums with another salt', () => {
    const view = new SaltedView(index, random(16))
    assert.notDeepEqual(view.fingerprint(0, 193), new SaltedView(index, random(16)).fingerprint(0, 193))
  })
})
