import assert from 'node:assert/strict'
import { encodeIdentityId } from '../../../src/codec/ids.js'
import { hashOf, Seen } from '../../../src/messenger/receive/seen.js'
import { DAY_MS, MAX_SEEN } from '../../../src/protocol/limits.js'
import { createMemoryStore } from '../../../src/storage/memory-store.js'
import { Tables } from '../../../src/storage/records/tables.js'
import { seededRandom } from '../../support/store-random.js'

const alice = encodeIdentityId(new Uint8Array(20).fill(1))
const bob = encodeIdentityId(new Uint8Array(20).fill(2))
const random = seededRandom('seen')
const tables = new Tables((_, id) => id)
const NOW = 1_750_000_000_000
const DAY = Math.floor(NOW / DAY_MS)

describe('messenger/seen', () => {
  it('tells whose an envelope was, by every byte of it', () => {
    const seen = new Seen()
    const envelope = new Uint8Array(512).fill(1)
    seen.add(bob, [hashOf(envelope)])
    assert.equal(seen.find(hashOf(envelope)), bob)
    envelope[511] = 2
    assert.equal(seen.find(hashOf(envelope)), undefined)
  })

  it('forgets the oldest when there are too many', () => {
    const seen = new Seen()
    seen.add(
      bob,
      Array.from({ length: MAX_SEEN }, (_, n) => `b${String(n)}`)
    )
    seen.add(alice, ['a0', 'a1'])
    assert.deepEqual(
      ['b0', 'b1', 'b2', 'a0', 'a1'].map((hash) => seen.find(hash)),
      [undefined, undefined, bob, alice, alice]
    )
  })

  it('knows them again after a restart, until nobody takes them any more', async () => {
    const store = createMemoryStore()
    await store.commit([
      Seen.write(tables, bob, ['b0', 'b1'], DAY, random),
      Seen.write(tables, alice, ['a0'], DAY, random),
      Seen.write(tables, alice, ['a1'], DAY + 7, random)
    ])
    for (const [days, expected] of [
      [0, [bob, alice, alice]],
      [1, [bob, alice, alice]],
      [2, [undefined, undefined, alice]],
      [9, [undefined, undefined, undefined]]
    ] as const) {
      const seen = new Seen()
      await seen.load(store, tables, NOW + days * DAY_MS)
      assert.deepEqual(
        ['b1', 'a0', 'a1'].map((hash) => seen.find(hash)),
        expected,
        `after ${String(days)} days`
      )
    }
    for await (const [key] of store.range({})) assert.fail(`${key} is left`)
  })
})
