import { mkdir, open, readFile, rmdir, stat, unlink } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { isMessengerError, MessengerError } from '../errors.js'
import { hmacsInThreads } from './hmacs-in-threads.js'
import type { Platform } from './platform.js'
import { readMark, removeMark, writeMark } from './store-mark.js'
import { systemClock, systemRandom } from './system.js'

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

async function makeLeaf(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    // Another process may make it at the same time.
    if (!hasCode(error, 'EEXIST')) throw error
  }
}

/** Not `recursive`: Node 20 then tries for ever where a parent exists and refuses children, as in /proc. */
async function makePath(path: string): Promise<void> {
  try {
    await makeLeaf(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT') || dirname(path) === path) throw error
    await makePath(dirname(path))
    await makeLeaf(path)
  }
}

/** An error that says what to do about a file or directory that cannot be made. */
function notMade(what: string, otherwise: string, cause: unknown): MessengerError {
  return hasCode(cause, 'ENOSPC') || hasCode(cause, 'EDQUOT')
    ? new MessengerError('STORE_FULL', `No space left for ${what}: free some and try again`, { cause })
    : new MessengerError('STORE_UNWRITABLE', otherwise, { cause })
}

async function makeDirectory(path: string): Promise<void> {
  try {
    await makePath(resolve(path))
  } catch (error) {
    throw notMade(`the directory ${path}`, `The directory ${path} cannot be made; choose another`, error)
  }
}

async function readKeyFile(file: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new MessengerError('KEY_FILE_UNSAFE', `Others can read the key file ${file}; run chmod 600 on it`)
    }
    return await readFile(file, 'utf8')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    if (isMessengerError(error)) throw error
    throw new MessengerError(
      'STORE_UNWRITABLE',
      `The key file ${file} cannot be read; name a file that can be`,
      {
        cause: error
      }
    )
  }
}

async function writeKeyFile(file: string, text: string): Promise<void> {
  try {
    await makePath(dirname(resolve(file)))
    // `wx`: never over a key that exists, for a store may depend on it.
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } catch (error) {
      // A part of a key opens nothing, and would be in the way of the next attempt.
      await unlink(file)
      throw error
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw notMade(
      `the key file ${file}`,
      `The key file ${file} cannot be written; choose another directory`,
      error
    )
  }
}

async function destroyKeyFile(file: string): Promise<void> {
  try {
    const handle = await open(file, 'r+')
    try {
      const { size } = await handle.stat()
      await handle.write(systemRandom(size), 0, size, 0)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await unlink(file)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return
    throw new MessengerError(
      'STORE_UNWRITABLE',
      `The key file ${file} cannot be removed; remove it yourself`,
      {
        cause: error
      }
    )
  }
}

async function removeDirectory(directory: string): Promise<void> {
  try {
    await removeMark(directory)
    await rmdir(directory)
  } catch (error) {
    // Whoever keeps files of their own there did not ask to lose them.
    if (['ENOENT', 'ENOTEMPTY', 'EEXIST'].some((code) => hasCode(error, code))) return
    throw new MessengerError(
      'STORE_UNWRITABLE',
      `The key is destroyed, but the directory ${directory} cannot be removed; remove it yourself`,
      { cause: error }
    )
  }
}

export const platform: Platform = {
  clock: systemClock,
  random: systemRandom,
  hmacsBeside: hmacsInThreads,
  makeDirectory,
  // LevelDB's files are rewritten without the key, and removed.
  joinsKeyFiles: () => false,
  readKeyFile,
  writeKeyFile,
  destroyKeyFile,
  readMark,
  writeMark,
  removeDirectory
}
