import { encodeHex } from '../codec/hex.js'
import { sha256 } from '../crypto/hash.js'
import { MessengerError } from '../errors.js'

// Chromium keeps all databases of an origin in one LevelDB, whose files show what was deleted for as long as they last: a
// deleted database too. A storage bucket has files of its own, which are removed with it. So a key lies in one. Browsers
// without buckets keep each database in a file of its own, and need none.

/** What is used of `navigator.storageBuckets`, which TypeScript does not know. */
interface Buckets {
  keys(): Promise<readonly string[]>
  open(name: string, options: { readonly durability: 'strict' }): Promise<Bucket>
  delete(name: string): Promise<void>
}

interface Bucket {
  readonly indexedDB: IDBFactory
  persist(): Promise<boolean>
}

/** Key files of an origin, each in a bucket; their paths are only names. */
export interface KeyBuckets {
  /** The text of a file, or `undefined` if there is none. Rejects with `STORE_UNWRITABLE`. */
  read(file: string): Promise<string | undefined>
  /** Write a file, and wait for the disk. Rejects with `STORE_UNWRITABLE` or `STORE_FULL`. */
  write(file: string, text: string): Promise<void>
  /** Remove a file; nothing happens if there is none. Rejects with `STORE_UNWRITABLE`. */
  destroy(file: string): Promise<void>
}

/** Bytes of a hash in the name of a bucket, which has at most 64 characters. */
const NAME_BYTES = 16
/** The database in a bucket, its one table, and the one record in that. */
const NAME = 'key'

/** The buckets of this origin; `undefined` where a browser has none. */
export function keyBuckets(scope: object = globalThis): KeyBuckets | undefined {
  if (!('navigator' in scope && hasBuckets(scope.navigator))) return undefined
  const { storageBuckets: buckets, storage } = scope.navigator
  return {
    async read(file) {
      try {
        if (!(await buckets.keys()).includes(nameOf(file))) return undefined
        const bucket = await buckets.open(nameOf(file), { durability: 'strict' })
        // What the app asked for its store is of no use without the key.
        if (await storage.persisted()) await bucket.persist()
        const text = await inDatabase(bucket, async (database) => await getText(database))
        return typeof text === 'string' ? text : undefined
      } catch (error) {
        throw unwritable(`The key file ${file} cannot be read: allow site data, and try again`, error)
      }
    },
    async write(file, text) {
      try {
        const bucket = await buckets.open(nameOf(file), { durability: 'strict' })
        await inDatabase(bucket, async (database) => {
          await putText(database, text)
        })
      } catch (error) {
        if (error instanceof Error && error.name === 'QuotaExceededError')
          throw new MessengerError(
            'STORE_FULL',
            `No space left for the key file ${file}: free some and try again`,
            { cause: error }
          )
        throw unwritable(`The key file ${file} cannot be written: allow site data, and try again`, error)
      }
    },
    async destroy(file) {
      try {
        await buckets.delete(nameOf(file))
      } catch (error) {
        throw unwritable(`The key file ${file} cannot be removed: clear the data of this site`, error)
      }
    }
  }
}

function hasBuckets(
  navigator: unknown
): navigator is { storageBuckets: Buckets; storage: Pick<StorageManager, 'persisted'> } {
  return (
    typeof navigator === 'object' &&
    navigator !== null &&
    'storageBuckets' in navigator &&
    navigator.storageBuckets !== undefined
  )
}

/** Names of buckets are short, and of few characters. */
function nameOf(file: string): string {
  return `hallig-${encodeHex(sha256(new TextEncoder().encode(file)).subarray(0, NAME_BYTES))}`
}

async function inDatabase<T>(bucket: Bucket, step: (database: IDBDatabase) => Promise<T>): Promise<T> {
  const opening = bucket.indexedDB.open(NAME)
  opening.onupgradeneeded = () => opening.result.createObjectStore(NAME)
  const database = await resultOf(opening)
  try {
    return await step(database)
  } finally {
    database.close()
  }
}

function getText(database: IDBDatabase): Promise<unknown> {
  return resultOf<unknown>(database.transaction([NAME]).objectStore(NAME).get(NAME))
}

function putText(database: IDBDatabase, text: string): Promise<void> {
  const transaction = database.transaction([NAME], 'readwrite', { durability: 'strict' })
  transaction.objectStore(NAME).put(text, NAME)
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(failureOf(transaction.error))
  })
}

function resultOf<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(failureOf(request.error))
  })
}

function failureOf(error: DOMException | null): Error {
  return error ?? new Error('The browser gave no reason')
}

function unwritable(message: string, cause: unknown): MessengerError {
  return new MessengerError('STORE_UNWRITABLE', message, { cause })
}
