import { wipe } from '../crypto/wipe.js'
import { isMessengerError } from '../errors.js'
import type { Platform } from '../platform/platform.js'
import { openLevelStore } from '../storage/level-store.js'
import { destroyStoreKey } from '../storage/sealed-store.js'
import type { Store } from '../storage/store.js'
import type { Context } from './context.js'
import type { Node } from './node.js'
import { keyFileOf, removeData, type OpenedStore } from './open-store.js'

/**
 * Destroy the key of the store at once; then close, and remove what nobody can read any more. Rejects with the first
 * failure, after all was tried.
 */
export async function wipeMessenger(
  { own, onFailure }: Pick<Context, 'own' | 'onFailure'>,
  node: Pick<Node, 'end' | 'close'>,
  opened: Pick<OpenedStore, 'destroyKey' | 'removeData'>
): Promise<void> {
  node.end()
  const [destroyed] = await Promise.allSettled([opened.destroyKey()])
  const { signing, dh } = own.record.identity
  wipe(signing.secretKey, dh.secretKey)
  await node.close().catch((error: unknown) => {
    onFailure('close', error)
  })
  // A start that was under way took its place in the network by it, until it was over.
  wipe(own.record.networkSeed)
  await opened.removeData()
  if (destroyed.status === 'rejected') throw destroyed.reason
}

/**
 * Destroy a store that nobody has open: the key file, the key in it, then the rest. Rejects with `STORE_LOCKED` if somebody has, else with the first
 * failure that left anything, after all was tried.
 */
export async function destroyStore(
  path: string,
  options: { readonly keyFile?: string | undefined },
  platform: Platform
): Promise<void> {
  const store = await openIfWhole(path)
  const [destroyed] = await Promise.allSettled([platform.destroyKeyFile(options.keyFile ?? keyFileOf(path))])
  if (store !== undefined) {
    // A full disk may refuse it; then what follows has to do.
    await destroyStoreKey(store, { records: false }).catch(() => undefined)
    await store.close()
  }
  await removeData(path, platform)
  if (destroyed.status === 'rejected') throw destroyed.reason
}

/** A store that is damaged cannot be opened, but removed. */
async function openIfWhole(path: string): Promise<Store | undefined> {
  try {
    return await openLevelStore(path)
  } catch (error) {
    if (isMessengerError(error, 'STORE_LOCKED')) throw error
    return undefined
  }
}
