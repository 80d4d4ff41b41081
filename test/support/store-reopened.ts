import type { Store } from '../../src/storage/store.js'
import type { OpenedStore } from '../conformance/store.js'

/** A store that lies somewhere until it is removed. */
export async function reopenedStore(
  open: () => Promise<Store>,
  remove: () => Promise<void>
): Promise<OpenedStore> {
  const store = await open()
  let current = store
  return {
    store,
    reopen: async () => {
      await current.close()
      current = await open()
      return current
    },
    openSecond: open,
    dispose: async () => {
      await current.close()
      await remove()
    }
  }
}
