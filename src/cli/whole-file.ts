import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fileError } from './file-error.js'

/**
 * Write a file that is there whole or not at all: beside its place first, then on the disk for good, then renamed. A file that was there
 * stays until then.
 */
export async function writeWholeFile(file: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
  const beside = `${file}.${randomBytes(4).toString('hex')}.part`
  try {
    const handle = await open(beside, 'wx', 0o600)
    try {
      for await (const piece of pieces) await handle.writeFile(piece)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(beside, file)
    await syncFolder(dirname(file))
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined)
    throw fileError('write', file, error)
  }
}

/** Make the new name last, where the system can say so of a folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}
