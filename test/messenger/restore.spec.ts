import assert from 'node:assert/strict'
import { loadOwn } from '../../src/messenger/restore.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { Tables } from '../../src/storage/records/tables.js'
import type { Store } from '../../src/storage/store.js'
import { assertSameHistory, befriend } from '../support/messenger-checks.js'
import { inWorld } from '../../src/simulator/world.js'
import { seededRandom } from '../support/store-random.js'

const random = seededRandom('restore')
const tables = new Tables((_, id) => id)
const NOW = 1_750_000_000_000

describe('messenger/restore', () => {
  let store: Store

  beforeEach(() => {
    store = createMemoryStore()
  })

  const load = (name?: string): ReturnType<typeof loadOwn> => loadOwn(store, tables, name, NOW, random)

  it('makes an identity on first use and has the same ever after', async () => {
    const first = await load('alice')
    assert.equal(first.record.name, 'alice')
    const again = await load()
    assert.deepEqual(again, { ...first, isNew: false })
    const renamed = await load('alice of the dyke')
    assert.deepEqual(renamed.record.identity, first.record.identity)
    assert.equal((await load()).record.name, 'alice of the dyke')
  })

  it('issues prekeys again that are lost, with a number above the lost ones', async () => {
    const first = await load()
    await store.commit([{ type: 'delete', key: tables.prekeys }])
    const again = await loadOwn(store, tables, undefined, NOW + 5_000, random)
    assert.deepEqual(again.record, first.record)
    assert.ok(again.prekeys.seq > first.prekeys.seq)
  })

  it('gives no other identity to a store that has lost its own', async () => {
    await load()
    await store.commit([{ type: 'delete', key: tables.own }])
    await assert.rejects(load(), { code: 'STORE_DAMAGED' })
  })

  it('goes on with many contacts where it stopped', async () => {
    await inWorld({ seed: 61 }, async (world) => {
      const alice = await world.person('alice')
      const others = []
      for (let n = 0; n < 25; n++) {
        const other = await world.person(`p${String(n)}`)
        others.push(other)
        await befriend(world, alice, other)
      }
      await alice.restart()
      assert.equal((await alice.messenger.contacts.list()).length, others.length)
      for (const other of others) await other.say(alice, 'after your restart')
      await world.until(() => alice.inbox.length === 2 * others.length)
      for (const other of others) await assertSameHistory(alice, other)
    })
  })
})
