import { MessengerError } from '../errors.js'
import { lockedError, openError } from './level-errors.js'

// What IndexedDB does not do by itself, as LevelDB does: refuse a second tab, wait for the disk, and tell who is in the way.

/** The part of `navigator.locks` used here. */
export interface WebLocks {
  request(
    name: string,
    options: { readonly ifAvailable: true },
    granted: (lock: unknown) => Promise<void> | undefined
  ): Promise<unknown>
}

/** Keeps other tabs from the store until the returned function is called. Rejects with `STORE_LOCKED` or `STORE_FAILED`. */
export async function lockPage(path: string, scope: object = globalThis): Promise<() => Promise<void>> {
  const release = await holdLock(webLocks(scope), `hallig/${path}`).catch((error: unknown) => {
    throw openError(path, error)
  })
  if (release === undefined) throw lockedError(path)
  return release
}

/** The lock manager of this browser. Throws `STORE_FAILED` if it has none. */
function webLocks(scope: object): WebLocks {
  if ('navigator' in scope && hasLocks(scope.navigator)) return scope.navigator.locks
  throw new MessengerError(
    'STORE_FAILED',
    'This page cannot keep a second tab from its store: open it over HTTPS, in a browser with Web Locks'
  )
}

/** Holds the lock until the returned function is called, which resolves when it is free again; `undefined` if another tab has it. */
function holdLock(locks: WebLocks, name: string): Promise<(() => Promise<void>) | undefined> {
  return new Promise((resolve, reject) => {
    const held = locks.request(name, { ifAvailable: true }, (lock) => {
      if (lock === null) {
        resolve(undefined)
        return undefined
      }
      return new Promise<void>((release) => {
        resolve(async () => {
          release()
          await held
        })
      })
    })
    held.catch(reject)
  })
}

/**
 * Makes the commits of an IndexedDB database wait until the disk has them: browsers only wait for the operating system
 * unless asked, and `level` does not ask. Does nothing to other databases.
 */
export function waitForDisk(database: object): void {
  if (!hasConnection(database)) return
  const { db } = database
  const transaction = db.transaction.bind(db)
  db.transaction = (names, mode, options) =>
    transaction(names, mode, mode === 'readwrite' ? { durability: 'strict', ...options } : options)
}

/**
 * Deletes the database of the store at `path`. Rejects with `STORE_UNWRITABLE` while another page that is none of ours has it open and does not give
 * way: `level` would wait for it, for ever. The browser deletes it all the same, as soon as it can.
 */
export function deleteDatabase(path: string): Promise<void> {
  const request = indexedDB.deleteDatabase(`level-js-${path}`)
  return new Promise((resolve, reject) => {
    request.onsuccess = () => {
      resolve()
    }
    request.onerror = () => {
      reject(request.error ?? new Error('The browser gave no reason'))
    }
    request.onblocked = () => {
      const message = `The key is destroyed, but another page has the database of the store at ${path} open: close the other tabs of this site, and the browser removes it`
      reject(new MessengerError('STORE_UNWRITABLE', message))
    }
  })
}

function hasLocks(navigator: unknown): navigator is { locks: WebLocks } {
  return (
    typeof navigator === 'object' &&
    navigator !== null &&
    'locks' in navigator &&
    navigator.locks !== undefined
  )
}

function hasConnection(database: object): database is { db: Pick<IDBDatabase, 'transaction'> } {
  return (
    'db' in database &&
    typeof database.db === 'object' &&
    database.db !== null &&
    'transaction' in database.db &&
    typeof database.db.transaction === 'function'
  )
}
