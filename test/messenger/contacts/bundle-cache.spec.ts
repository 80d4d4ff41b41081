import assert from 'node:assert/strict'
import { BundleCache } from '../../../src/messenger/contacts/bundle-cache.js'
import { BUNDLE_LIFETIME, MAX_BUNDLE_CANDIDATES, MAX_CACHED_BUNDLES } from '../../../src/protocol/limits.js'
import { keysUnder } from '../../../src/storage/records/tables.js'
import { createBench, type Bench, type BenchNode } from '../../support/messenger-bench.js'

function record(id: number, body: number): { readonly id: Uint8Array; readonly body: Uint8Array } {
  const name = new Uint8Array(32)
  new DataView(name.buffer).setUint32(0, id)
  return { id: name, body: new Uint8Array(40).fill(body) }
}

describe('messenger/bundle-cache', () => {
  let bench: Bench
  let alice: BenchNode
  let cache: BundleCache

  beforeEach(async () => {
    bench = createBench()
    alice = await bench.open('alice', { start: false })
    cache = new BundleCache(alice.context)
  })

  it('keeps the newest few records of an id, each once', async () => {
    for (const body of [1, 2, 2, 3, 4, 5]) await cache.keep(record(1, body))
    const bodies = (await cache.find(record(1, 0).id)).map(({ body }) => body[0])
    assert.deepEqual(bodies, [2, 3, 4, 5])
    assert.equal(bodies.length, MAX_BUNDLE_CANDIDATES)
    assert.deepEqual(await cache.find(record(2, 0).id), [])
  })

  it('writes nothing when it is offered what it was offered last, and reads nothing when it has nothing', async () => {
    const { store } = alice.context
    let [commits, reads] = [0, 0]
    const counted: typeof store = {
      ...store,
      storeId: store.storeId,
      get: (key) => {
        reads++
        return store.get(key)
      },
      range: (range) => store.range(range),
      commit: (writes) => {
        commits++
        return store.commit(writes)
      }
    }
    const watched = new BundleCache({ ...alice.context, store: counted })
    for (let times = 0; times < 3; times++) await watched.keep(record(1, 1))
    assert.equal(commits, 1)
    await watched.keep(record(1, 2))
    // It was known, but three others would have crowded it out.
    await watched.keep(record(1, 1))
    assert.equal(commits, 3)
    assert.deepEqual(
      (await watched.find(record(1, 0).id)).map(({ body }) => body[0]),
      [2, 1]
    )
    reads = 0
    assert.deepEqual(await watched.find(record(2, 0).id), [])
    assert.equal(reads, 0)
  })

  it('does not forget first an id that is offered again and again', async () => {
    for (let id = 0; id < MAX_CACHED_BUNDLES; id++) await cache.keep(record(id, 1))
    await cache.keep(record(0, 1))
    await cache.keep(record(MAX_CACHED_BUNDLES, 1))
    assert.equal((await cache.find(record(0, 1).id)).length, 1)
    assert.deepEqual(await cache.find(record(1, 1).id), [])
  })

  it('keeps so many ids, the newest', async () => {
    for (let id = 0; id <= MAX_CACHED_BUNDLES; id++) await cache.keep(record(id, 1))
    assert.deepEqual(await cache.find(record(0, 1).id), [])
    for (const id of [1, MAX_CACHED_BUNDLES]) assert.equal((await cache.find(record(id, 1).id)).length, 1)
  })

  it('keeps to its bounds, and loses nothing, when many are offered at once', async () => {
    for (let id = 0; id < MAX_CACHED_BUNDLES; id++) await cache.keep(record(id, 1))
    const crowd = Array.from({ length: 20 }, (_, n) => record(MAX_CACHED_BUNDLES + n, 1))
    await Promise.all([...crowd, record(MAX_CACHED_BUNDLES, 2)].map((one) => cache.keep(one)))
    const { store, tables } = alice.context
    let count = 0
    for await (const [key] of store.range(keysUnder(tables.bundles))) count += Number(key !== '')
    assert.equal(count, MAX_CACHED_BUNDLES)
    assert.equal((await cache.find(record(MAX_CACHED_BUNDLES, 1).id)).length, 2)
  })

  it('goes on after a record that could not be stored', async () => {
    const { store } = alice.context
    const commit = store.commit.bind(store)
    Object.assign(store, { commit: () => Promise.reject(new Error('full')) })
    await assert.rejects(cache.keep(record(1, 1)), /full/)
    Object.assign(store, { commit })
    await cache.keep(record(1, 2))
    assert.equal((await cache.find(record(1, 2).id)).length, 1)
  })

  it('knows them after a restart, until their life is over', async () => {
    await cache.keep(record(1, 1))
    const again = new BundleCache(alice.context)
    await again.load()
    assert.equal((await again.find(record(1, 1).id)).length, 1)
    await bench.clock.advance(BUNDLE_LIFETIME + 1)
    await again.load()
    assert.deepEqual(await again.find(record(1, 1).id), [])
  })
})
