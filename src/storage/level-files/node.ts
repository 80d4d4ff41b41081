import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readManifest, type Tables } from './manifest.js'
import { mendTable, type Patch } from './table.js'

/** Bytes read at once. */
const CHUNK_BYTES = 65_536
/** LevelDB leaves files alone whose names it does not know. */
const LOST = 'lost'
/** The name of the manifest in what names it. */
const CURRENT = /^MANIFEST-\d+(?=\n$)/

/**
 * Reads the logs of the database in `directory`, where there is one, and rejects with what the system says of a part that cannot be read.
 * LevelDB itself takes such a part for the end of the log, opens, and removes it: what was committed behind it would be lost in silence.
 */
export async function readLogs(directory: string): Promise<void> {
  const names = await namesIn(directory)
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

/**
 * Mends the tables of the database in `directory` that are damaged, and resolves to whether there were any: `prove` has to show first that nobody has
 * it open. LevelDB itself, as `classic-level` opens it, checks no table: it misses keys, shows older values of them, and ends the process
 * when it finds keys out of order while it merges tables, at each start again. Rejects with `onLost()` if a table cannot be mended, or nothing tells which belong to the
 * database, or with what the system says of one that cannot be read or written.
 */
export async function mendTables(
  directory: string,
  prove: () => Promise<void>,
  onLost: () => Error
): Promise<boolean> {
  const tables = await liveTables(directory, onLost)
  if (tables.size === 0) return false
  // Before they are read, which may take seconds: a command beside a running node goes on through that at once.
  await prove()
  let isDamaged = false
  for (const [number, size] of tables) {
    const file = join(directory, `${String(number).padStart(6, '0')}.ldb`)
    const table = await readIfThere(file)
    // LevelDB says which is missing. Who has the database open may have removed this one meanwhile.
    if (table === undefined) continue
    const patches = table.length < size ? undefined : mendTable(table.subarray(0, size))
    if (patches === undefined) throw onLost()
    if (patches.length === 0) continue
    isDamaged = true
    await noteLost(directory)
    await writeOver(file, patches)
  }
  return isDamaged
}

async function liveTables(directory: string, onLost: () => Error): Promise<Tables> {
  // Before what names the manifest, which is there before any other when somebody else begins a database meanwhile.
  const names = await namesIn(directory)
  const current = await readIfThere(join(directory, 'CURRENT'))
  const name = CURRENT.exec(new TextDecoder().decode(current))?.[0]
  if (name === undefined) {
    // LevelDB would begin a new database in its place, and remove what there is.
    if (current !== undefined || names.some(isRecords)) throw onLost()
    return new Map()
  }
  const manifest = await readIfThere(join(directory, name))
  return (manifest && readManifest(manifest)) ?? new Map()
}

async function namesIn(directory: string): Promise<readonly string[]> {
  // Of a directory that cannot be listed LevelDB says so.
  return await readdir(directory).catch(() => [])
}

/** One that is begun has neither before it has what names its manifest. */
function isRecords(name: string): boolean {
  return name.endsWith('.log') || name.endsWith('.ldb')
}

async function readIfThere(file: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(file)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}

async function writeOver(file: string, patches: readonly Patch[]): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    for (const { position, bytes } of patches) await handle.write(bytes, 0, bytes.length, position)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Before it is mended: afterwards nothing would tell that something is missing, or older than it should be. */
async function noteLost(directory: string): Promise<void> {
  await writeFile(join(directory, LOST), '', { flush: true })
}

/**
 * Whether a part of what the database in this directory had written is gone, because it was damaged: since {@link forgetLost} of its tables, when it was
 * last opened of its log. Of that LevelDB tells nobody but its own log of events, which it begins anew whenever it is opened.
 */
export async function hasLost(directory: string): Promise<boolean> {
  if ((await readIfThere(join(directory, LOST))) !== undefined) return true
  const events = await readFile(join(directory, 'LOG'), 'utf8').catch(() => '')
  return /: dropping \d+ bytes; /.test(events)
}

/** Whoever had to know of it does. */
export async function forgetLost(directory: string): Promise<void> {
  await rm(join(directory, LOST), { force: true })
}

/** What LevelDB calls the state it last opened the database in `directory` with: another after each time that anybody opened it. */
export async function readCurrent(directory: string): Promise<string | undefined> {
  return await readFile(join(directory, 'CURRENT'), 'utf8')
}
