import { Level } from 'level'
import { logBytes } from '#level-files'
import { deleteDatabase } from './indexed-db.js'
import { fullError, hasCode, isLocked, lockedError, openError, writeError } from './level-errors.js'

// What LevelDB has beyond the interface it shares with IndexedDB, and beyond the types of `level`.

/** Whether this database can `getSync`. */
export function canReadNow({ supports }: Level<string, Uint8Array>): boolean {
  return 'getSync' in supports && supports.getSync === true
}

/** Whether this database can rewrite a range of its tables. */
export function canCompact(
  database: object
): database is { compactRange(from: string, to: string): Promise<void> } {
  return 'compactRange' in database && typeof database.compactRange === 'function'
}

/** Whether `level` is LevelDB, which can repair its files, and not IndexedDB. */
export function isLevelDb(level: object): level is { destroy(location: string): Promise<void> } {
  return 'repair' in level && 'destroy' in level && typeof level.destroy === 'function'
}

/** Removes a database that nobody has open. Rejects as opening one does. */
export async function removeDatabase(path: string): Promise<void> {
  try {
    await (isLevelDb(Level) ? Level.destroy(path) : deleteDatabase(path))
  } catch (error) {
    throw openError(path, error)
  }
}

/** Resolves if nobody has the database at `path` open, which exists, and rejects as opening it does if somebody has. */
export async function proveUnused(path: string): Promise<void> {
  // LevelDB locks a database, finds that it exists, and looks at nothing else of it.
  const database = new Level(path, { errorIfExists: true })
  try {
    await database.open()
  } catch (error) {
    if (isLocked(error)) throw lockedError(path, error)
  } finally {
    await database.close()
  }
}

/** What LevelDB needs on disk to open again, beside what it makes of its logs: a new log and manifest. */
const REOPEN_BYTES = 1024 * 1024

/**
 * Resolves if the database at `path` can be closed and opened again, rejects with `STORE_FULL` if there is no space for
 * that: closed, it could not even be read. Shown by writing as much beside it, because only that knows quotas, reserved
 * blocks and every file system.
 */
export async function proveSpace(path: string): Promise<void> {
  if (!isLevelDb(Level)) return
  // LevelDB leaves directories inside its own alone.
  const location = `${path}/space`
  // First: a database begins to open, and to lock its directory, when it is made.
  await Level.destroy(location)
  const scratch = new Level<string, Uint8Array>(location, { keyEncoding: 'utf8', valueEncoding: 'view' })
  try {
    await scratch.open()
    // It makes tables of its logs before it removes them: of one of 4 MiB (its write buffer), or two while it makes one of the first.
    const space = new Uint8Array((await logBytes(path)) + REOPEN_BYTES)
    await scratch.put('space', space, { sync: true })
  } catch (error) {
    // Where a directory finds no space, Node says that there is none yet, though the one above it is that of an open database.
    throw hasCode(error, 'ENOENT') ? fullError(path, error) : writeError(path, error)
  } finally {
    await scratch.close()
    await Level.destroy(location)
  }
}
