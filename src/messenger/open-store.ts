import type { RandomSource } from '../crypto/random.js'
import { MessengerError } from '../errors.js'
import type { Platform } from '../platform/platform.js'
import { groupCommit } from '../storage/group-commit.js'
import { formatKeyFile, parseKeyFile, STORE_KEY_BYTES } from '../storage/key-file.js'
import { openLevelStore } from '../storage/level-store.js'
import { removeDatabase } from '../storage/leveldb.js'
import { createMemoryStore } from '../storage/memory-store.js'
import { ownStore } from '../storage/own-store.js'
import { openSealedStore, type SealedStore, type Unlock } from '../storage/sealed-store.js'
import type { Store } from '../storage/store.js'
import type { Logger, MessengerOptions } from './options.js'

/** A store that was opened, and how to destroy it. */
export interface OpenedStore {
  readonly store: SealedStore
  /** Destroy what opens it: the key file, then the key in the store, which is closed. Each is tried whatever becomes of the other. */
  destroyKey(): Promise<void>
  /** Then remove what nobody can read any more. */
  removeData(): Promise<void>
}

/** Open and unlock the store the options name: a directory, a store of the app's own, or memory. */
export async function openStore(
  options: MessengerOptions,
  platform: Platform,
  random: RandomSource,
  logger: Logger
): Promise<OpenedStore> {
  if (options.store !== undefined && options.path !== undefined) {
    throw new MessengerError('OPTIONS_INVALID', 'Give path or store, not both')
  }
  if (options.store !== undefined && options.unlock === undefined) {
    throw new MessengerError(
      'OPTIONS_INVALID',
      'A store of your own needs unlock: a passphrase, a key or a key file'
    )
  }
  if (options.path !== undefined) await platform.makeDirectory(options.path)
  const store = await openBare(options)
  try {
    const unlock = await resolveUnlock(store, options, platform, random)
    const sealed = await openSealedStore(store, {
      unlock,
      random,
      onDamaged: (key) => {
        logger.warn('a damaged record was passed over', { table: key.split('/')[0] ?? '' })
      }
    })
    return {
      store: sealed,
      destroyKey: () => destroyKeys(sealed, options, platform),
      removeData: () => removeData(options.path, platform)
    }
  } catch (error) {
    // A store that fails may fail at this too, and why it could not be opened is what its app has to know.
    await store.close().catch(() => undefined)
    throw error
  }
}

async function destroyKeys(
  sealed: SealedStore,
  { unlock, path }: MessengerOptions,
  { destroyKeyFile, joinsKeyFiles }: Platform
): Promise<void> {
  const isFile = unlock === undefined || unlock.kind === 'key-file' || joinsKeyFiles()
  const file = unlock?.kind === 'key-file' ? unlock.file : path === undefined ? undefined : keyFileOf(path)
  try {
    if (isFile && file !== undefined) await destroyKeyFile(file)
  } finally {
    // Without a directory to remove, the records are all there is. A full disk may refuse to write that the key in them is gone: where they are
    // removed next, that fails if anything is left, and tells it.
    const inStore = sealed.destroyKey({ records: path === undefined })
    await (path === undefined ? inStore : inStore.catch(() => undefined))
  }
}

/** Remove the database and its directory. */
export async function removeData(path: string | undefined, { removeDirectory }: Platform): Promise<void> {
  if (path === undefined) return
  await removeDatabase(path)
  await removeDirectory(path)
}

/** Where the key file of a store lies unless it is said otherwise. */
export function keyFileOf(path: string): string {
  return `${path}.key`
}

async function openBare(options: MessengerOptions): Promise<Store> {
  if (options.store !== undefined) return groupCommit(ownStore(options.store))
  if (options.path === undefined) return createMemoryStore()
  const durability = options.durability ?? 'power-loss'
  return groupCommit(await openLevelStore(options.path, { durability }))
}

async function isEmpty(store: Store): Promise<boolean> {
  for await (const _ of store.range({ limit: 1 })) return false
  return true
}

async function resolveUnlock(
  store: Store,
  options: MessengerOptions,
  platform: Platform,
  random: RandomSource
): Promise<Unlock> {
  const { unlock, path } = options
  if (unlock !== undefined && unlock.kind !== 'key-file') {
    if (path === undefined || !platform.joinsKeyFiles()) return unlock
    const part = await keyFrom(store, keyFileOf(path), platform, random)
    // Without, a store opens that was made where there are no such files.
    return part === undefined ? unlock : { ...unlock, part }
  }
  // In memory nothing outlives the process, so neither need its key.
  if (unlock === undefined && path === undefined) return { kind: 'key', key: random(STORE_KEY_BYTES) }
  const file = unlock?.file ?? keyFileOf(path ?? '')
  const key = await keyFrom(store, file, platform, random)
  if (key !== undefined) return { kind: 'key', key }
  throw new MessengerError(
    'WRONG_KEY',
    `The key file ${file} is missing; put it back, or unlock the store with its passphrase`
  )
}

/** The key in a file, which is made for an empty store; `undefined` if that of another is missing. */
async function keyFrom(
  store: Store,
  file: string,
  platform: Platform,
  random: RandomSource
): Promise<Uint8Array | undefined> {
  const text = await platform.readKeyFile(file)
  const isNew = await isEmpty(store)
  // Empty, and there is no store: whoever made it ended before the key was in it.
  const isUnwritten = isNew && text === ''
  if (text !== undefined && !isUnwritten) return parseKeyFile(text)
  if (!isNew) return undefined
  if (isUnwritten) await platform.destroyKeyFile(file)
  const key = random(STORE_KEY_BYTES)
  await platform.writeKeyFile(file, formatKeyFile(key))
  return key
}
