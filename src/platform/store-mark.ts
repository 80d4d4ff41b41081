import { constants } from 'node:fs'
import { open, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { MessengerError } from '../errors.js'
import type { StoreMark } from './platform.js'

/** LevelDB leaves files alone whose names it does not know. */
const NAME = 'mark'

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** The mark in a store's directory as it lies there. */
export async function readMark(directory: string): Promise<StoreMark | undefined> {
  const file = join(directory, NAME)
  try {
    const text = await readFile(file, 'utf8')
    const { ino, birthtimeNs, ctimeNs } = await stat(file, { bigint: true })
    // Not the device's number: it is another whenever disks are found in another order, as after a power cut.
    return { text, file: [ino, birthtimeNs].join(':'), changed: String(ctimeNs) }
  } catch (error) {
    if (isMissing(error)) return undefined
    throw unwritable(file, error)
  }
}

/** Write the mark in place, and wait for the disk. */
export async function writeMark(directory: string, text: string): Promise<StoreMark | undefined> {
  const file = join(directory, NAME)
  try {
    // Not emptied first: where the disk is full or the process ends then, the store would be taken for a copy.
    const handle = await open(file, constants.O_WRONLY | constants.O_CREAT, 0o600)
    try {
      await handle.writeFile(text)
      await handle.truncate(Buffer.byteLength(text))
      await handle.sync()
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw unwritable(file, error)
  }
  return await readMark(directory)
}

/** Remove the mark; nothing happens if there is none. */
export async function removeMark(directory: string): Promise<void> {
  await rm(join(directory, NAME), { force: true })
}

function unwritable(file: string, cause: unknown): MessengerError {
  return new MessengerError(
    'STORE_UNWRITABLE',
    `The file ${file} cannot be read or written; check its permissions`,
    {
      cause
    }
  )
}
