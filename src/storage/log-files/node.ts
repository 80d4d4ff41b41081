import { open, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Bytes read at once. */
const CHUNK_BYTES = 65_536

/**
 * Reads the logs of the database in `directory`, where there is one, and rejects with what the system says of a part that cannot be read.
 * LevelDB itself takes such a part for the end of the log, opens, and removes it: what was committed behind it would be lost in silence.
 */
export async function readLogs(directory: string): Promise<void> {
  // Of a directory that cannot be listed LevelDB says so.
  const names = await readdir(directory).catch(() => [])
  for (const name of names.filter((name) => name.endsWith('.log'))) await readAll(join(directory, name))
}

async function readAll(file: string): Promise<void> {
  const handle = await open(file)
  try {
    const chunk = new Uint8Array(CHUNK_BYTES)
    while ((await handle.read(chunk, 0, CHUNK_BYTES)).bytesRead > 0);
  } finally {
    await handle.close()
  }
}

/** What LevelDB calls the state it last opened the database in `directory` with: another after each time that anybody opened it. */
export async function readCurrent(directory: string): Promise<string | undefined> {
  return await readFile(join(directory, 'CURRENT'), 'utf8')
}
