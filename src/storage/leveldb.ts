import { Level } from 'level'
import { clearBeside } from '#level-files'
import { deleteDatabase } from './indexed-db.js'
import { isLocked, lockedError, openError } from './level-errors.js'

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

/** Removes a database that nobody has open, and no files of others beside it. Rejects as opening one does. */
export async function removeDatabase(path: string): Promise<void> {
  try {
    if (isLevelDb(Level)) {
      await Level.destroy(path)
      await clearBeside(path)
    } else await deleteDatabase(path)
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
