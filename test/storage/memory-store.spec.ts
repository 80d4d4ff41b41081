import assert from 'node:assert/strict'
import { createMemoryStore, MemoryStore } from '../../src/storage/memory-store.js'
import { storeConformance } from '../conformance/store.js'
import { keysOf, put } from '../support/store-pairs.js'

storeConformance(
  'memory',
  () => {
    const store = createMemoryStore()
    return Promise.resolve({ store, dispose: () => store.close() })
  },
  { lasting: false, locked: false }
)

describe('a memory store', () => {
  it('reads a range as it was when the range began', async () => {
    const store = createMemoryStore()
    await store.commit([put('a', '1'), put('c', '3')])
    const seen: string[] = []
    for await (const [key] of store.range({})) {
      seen.push(key)
      await store.commit([put('b', '2')])
    }
    assert.deepEqual(seen, ['a', 'c'])
    assert.deepEqual(await keysOf(store), ['a', 'b', 'c'])
  })

  it('shows a range without waiting, as it was when it was asked for', async () => {
    const store = new MemoryStore('alice')
    await store.commit([put('a', '1'), put('c', '3')])
    const pairs = store.peek({ gt: 'a' })
    await store.commit([put('b', '2')])
    assert.deepEqual(
      [...pairs].map(([key]) => key),
      ['c']
    )
    await store.close()
    assert.throws(() => store.peek({}), /'alice' is closed/)
  })

  it('says its name when it is closed', async () => {
    const store = createMemoryStore({ name: 'alice' })
    await store.close()
    await assert.rejects(store.get('a'), /'alice' is closed/)
  })
})
