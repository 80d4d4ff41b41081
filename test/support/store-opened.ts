import { join } from 'node:path'
import { openLevelStore } from '../../src/storage/level-store.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import type { Store } from '../../src/storage/store.js'
import type { OpenedStore } from '../conformance/store.js'
import { reopenedStore } from './store-reopened.js'
import { temporaryDirectory } from './store-temporary.js'

/** A store over a Level store in a directory of its own. */
export async function openLevel(over: (store: Store) => Promise<Store>): Promise<OpenedStore> {
  const directory = await temporaryDirectory()
  const path = join(directory.path, 'store')
  // Tests of the contract need no disk: the tests of crashes use the default.
  const open = async (): Promise<Store> => over(await openLevelStore(path, { durability: 'process-crash' }))
  return await reopenedStore(open, () => directory.remove())
}

/** A store over a memory store that outlives it. */
export async function openMemory(over: (store: Store) => Promise<Store>): Promise<OpenedStore> {
  const memory = createMemoryStore()
  const lasting: Store = {
    get: (key) => memory.get(key),
    range: (range) => memory.range(range),
    commit: (writes) => memory.commit(writes),
    close: () => Promise.resolve()
  }
  const store = await over(lasting)
  let current = store
  return {
    store,
    reopen: async () => {
      await current.close()
      current = await over(lasting)
      return current
    },
    dispose: () => current.close()
  }
}
