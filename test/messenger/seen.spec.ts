import assert from 'node:assert/strict'
import { encodeIdentityId } from '../../src/codec/ids.js'
import { hashOf, Seen } from '../../src/messenger/seen.js'
import { dayOf } from '../../src/protocol/envelope/envelope.js'
import { DAY_MS, MAX_SEEN } from '../../src/protocol/limits.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { keysUnder, Tables } from '../../src/storage/records/tables.js'
import { NOW, seeded } from '../support/protocol-values.js'

const alice = encodeIdentityId(new Uint8Array(20).fill(1))
const tables = new Tables((label, id) => `${label}-${id}`)

describe('messenger/seen', () => {
  it('knows of whom an envelope was, by its whole content', () => {
    const seen = new Seen()
    seen.add(alice, [hashOf(new Uint8Array(512))])
    assert.equal(seen.find(hashOf(new Uint8Array(512))), alice)
    assert.equal(seen.find(hashOf(new Uint8Array(512).fill(1, 511))), undefined)
  })

  it('forgets the oldest when there are too many', () => {
    const seen = new Seen()
    const hashes = Array.from({ length: MAX_SEEN + 2 }, (_, index) => String(index))
    seen.add(alice, hashes)
    assert.deepEqual(
      ['0', '1', '2'].map((hash) => seen.find(hash)),
      [undefined, undefined, alice]
    )
  })

  it('comes back from the store until nobody takes such an envelope any more, and leaves nothing there', async () => {
    const store = createMemoryStore()
    const random = seeded(1)
    const today = dayOf(NOW)
    for (const day of [today - 2, today - 1, today + 7]) {
      await store.commit([Seen.write(tables, alice, [`of ${String(day)}`], day, random)])
    }
    const seen = new Seen()
    await seen.load(store, tables, NOW)
    assert.equal(seen.find(`of ${String(today - 2)}`), undefined)
    assert.equal(seen.find(`of ${String(today - 1)}`), alice)
    assert.equal(seen.find(`of ${String(today + 7)}`), alice)
    assert.equal(await count(store), 2)
    await Seen.prune(store, tables, NOW + 9 * DAY_MS)
    assert.equal(await count(store), 0)
  })
})

async function count(store: ReturnType<typeof createMemoryStore>): Promise<number> {
  const keys: string[] = []
  for await (const [key] of store.range(keysUnder(tables.seen))) keys.push(key)
  return keys.length
}
