import { mkdir, open, readFile, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MessengerError } from '../errors.js'
import type { Platform } from './platform.js'
import { systemClock, systemRandom } from './system.js'

/** Permission bits of everybody but the owner. */
const OTHERS = 0o077

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
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
    throw error
  }
}

async function writeKeyFile(file: string, text: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    // `wx`: never over a key that exists, for a store may depend on it.
    const handle = await open(file, 'wx', 0o600)
    try {
      await handle.writeFile(text)
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new MessengerError(
      'STORE_UNWRITABLE',
      `The key file ${file} cannot be written; choose another directory`,
      {
        cause: error
      }
    )
  }
}

export const platform: Platform = { clock: systemClock, random: systemRandom, readKeyFile, writeKeyFile }
