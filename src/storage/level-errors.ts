import { isMessengerError, MessengerError } from '../errors.js'
import { damagedRecord } from './damaged-record.js'

// LevelDB reports what the operating system said only in its text, on Windows in the language of the system, of which we know one;
// IndexedDB says it in the name of the error.
const FULL =
  /no space left|not enough space on the disk|the disk is full|ENOSPC|quota ?(was )?exceeded|EDQUOT/i
const MISSING_FILE = /no such file|cannot find the file/i
const UNWRITABLE =
  /permission denied|: access is denied|not permitted|read-only|write protected|(not|is) a directory|name too long|EACCES|EPERM|EROFS|EEXIST|ENOTDIR|ENOENT|ENAMETOOLONG/i

/** What opening the database at `path` failed with, as an error that says what to do; one that is such already is passed on. */
export function openError(path: string, error: unknown): MessengerError {
  if (isMessengerError(error)) return error
  const text = textOf(error)
  const cause = { cause: error }
  if (isLocked(error)) return lockedError(path, error)
  if (FULL.test(text)) return fullError(path, error)
  if (hasCode(error, 'LEVEL_CORRUPTION') || (hasCode(error, 'LEVEL_IO_ERROR') && MISSING_FILE.test(text))) {
    return damagedError(path, error)
  }
  if (UNWRITABLE.test(text)) {
    return new MessengerError(
      'STORE_UNWRITABLE',
      `The store directory ${path} cannot be written: it has to be a directory of the user who runs this, on a disk that is not mounted read-only`,
      cause
    )
  }
  return failedError(path, error)
}

/** What writing to the database at `path` failed with. */
export function writeError(path: string, error: unknown): MessengerError {
  return FULL.test(textOf(error)) ? fullError(path, error) : failedError(path, error)
}

/** What reading a record under `key`, or a range that begins there, failed with. */
export function readError(path: string, key: string, error: unknown): MessengerError {
  if (!hasCode(error, 'LEVEL_CORRUPTION')) return failedError(path, error)
  return damagedRecord(key, error)
}

/** The database at `path` cannot be opened, and never again. */
export function damagedError(path: string, cause?: unknown): MessengerError {
  const message = `The store at ${path} is damaged: restore it from a backup, or remove it to start anew`
  return new MessengerError('STORE_DAMAGED', message, { cause })
}

/** Parts of the database were lost since we had to close it: what the messenger knows of it is no longer true. */
export function lostError(path: string): MessengerError {
  return new MessengerError(
    'STORE_FAILED',
    `The disk has damaged the store at ${path}: close this messenger and open it anew`
  )
}

/** Whether somebody else has the database open. */
export function isLocked(error: unknown): boolean {
  const text = textOf(error)
  // On Windows LevelDB says so of whatever keeps it from its lock.
  const isOther = text.includes('LockFile ') && (FULL.test(text) || UNWRITABLE.test(text))
  return hasCode(error, 'LEVEL_LOCKED') && !isOther
}

/** Somebody else has the store open. */
export function lockedError(path: string, cause?: unknown): MessengerError {
  const message = `The store at ${path} is in use: close the other messenger first`
  return new MessengerError('STORE_LOCKED', message, { cause })
}

/** Somebody else has opened the store since we had to close it: what the messenger knows of it is no longer true. */
export function takenError(path: string): MessengerError {
  return new MessengerError(
    'STORE_FAILED',
    `Another messenger has had the store at ${path} meanwhile: close this one and open it anew`
  )
}

/** No space is left for the database at `path`. */
function fullError(path: string, cause: unknown): MessengerError {
  const message = `No space left for the store at ${path}: free some and try again`
  return new MessengerError('STORE_FULL', message, { cause })
}

/** Whether `error` or a cause of it has this code. */
export function hasCode(error: unknown, code: string): boolean {
  for (let link = error; link instanceof Error; link = link.cause) {
    if ('code' in link && link.code === code) return true
  }
  return false
}

function failedError(path: string, cause: unknown): MessengerError {
  return new MessengerError('STORE_FAILED', failure(path, cause), { cause })
}

function failure(path: string, cause: unknown): string {
  // What browsers say: that there is no IndexedDB, that this page may not have it, and that it was taken away.
  if (hasName(cause, 'ReferenceError') || hasName(cause, 'SecurityError'))
    return `This page has no IndexedDB for the store at ${path}: allow site data and open it outside a sandboxed frame, or leave out path`
  if (hasName(cause, 'InvalidStateError'))
    return `The browser has closed the store at ${path}, as when the data of this site are cleared: close it and open it anew`
  return `The store at ${path} failed: see the cause, and try again or open it anew`
}

function hasName(error: unknown, name: string): boolean {
  for (let link = error; link instanceof Error; link = link.cause) if (link.name === name) return true
  return false
}

function textOf(error: unknown): string {
  const parts: string[] = []
  for (let link = error; link instanceof Error; link = link.cause) parts.push(link.name, link.message)
  return parts.join(' ')
}
