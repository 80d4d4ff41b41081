import { mkdir, open, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { damagedError, openError, writeError } from '../level-errors.js'
import type { Write } from '../store.js'
import type { Mended } from './mended.js'
import { readLog } from './log.js'
import { writesOf } from './logged-commit.js'
import { readManifest, type Manifest } from './manifest.js'
import { mendTable, type Patch } from './table.js'

/** LevelDB leaves files alone whose names it does not know. */
const LOST = 'lost'
/** Nor directories. */
const SCRATCH = 'space'
/** What LevelDB needs on disk to open again, beside what it makes of its logs: a new log and manifest, and files for all of it. */
const REOPEN_BYTES = 1024 * 1024
const REOPEN_FILES = 6
/** LevelDB numbers its files; others beside them are of an app, such as its own logs. */
const LOG = /^\d+\.log$/
const RECORDS = /^\d+\.(?:log|ldb)$/
/** The name of the manifest in what names it. */
const CURRENT = /^MANIFEST-\d+(?=\n$)/

/**
 * Reads through the database in `directory`, mends the tables of it that are damaged, and resolves to what is left; that a part is gone is noted first.
 * `prove` has to show before that nobody has it open.
 *
 * LevelDB itself leaves out what is damaged of a log, takes what the disk does not give back of it for its end, does not miss one that is gone, and removes all of
 * them when it opens: what was committed would be lost in silence. As `classic-level` opens it, it checks no table: it misses keys, shows older values of them, and ends the process when it
 * finds keys out of order while it merges tables, at each start again.
 *
 * Rejects with `STORE_DAMAGED` if a table cannot be mended, or nothing tells which belong to the database, or with what the system says of a file that
 * cannot be read or written.
 */
export async function mendFiles(directory: string, prove: () => Promise<void>): Promise<Mended> {
  // Before what names the manifest, which is there before any other when somebody else begins a database meanwhile.
  const names = await namesIn(directory)
  if ((await readIfThere(join(directory, 'CURRENT'))) === undefined) {
    // LevelDB would begin a new database, and remove what there is of this one.
    // One that is begun has neither logs nor tables before it has what names its manifest.
    if (names.some((name) => RECORDS.test(name))) throw damagedError(directory)
    return { isLost: false, logged: [], next: undefined }
  }
  // Before all is read, which may take seconds: a command beside a running node goes on through that at once.
  await prove()
  const manifest = await findManifest(directory)
  if (manifest === undefined) throw damagedError(directory)
  const { isLost, logged } = await readLogs(directory, manifest.log)
  if (isLost) await noteLost(directory)
  const next = `MANIFEST-${named(manifest.next)}\n`
  return { isLost: (await mendTables(directory, manifest)) || isLost, logged, next }
}

async function findManifest(directory: string): Promise<Manifest | undefined> {
  const name = CURRENT.exec((await readCurrent(directory)) ?? '')?.[0]
  const manifest = name === undefined ? undefined : await readIfThere(join(directory, name))
  return manifest && readManifest(manifest)
}

/** What the logs from the oldest that is needed on have, and whether that is gone, or what is damaged will be left out of one. */
async function readLogs(directory: string, oldest: number): Promise<Omit<Mended, 'next'>> {
  const logs = (await namesIn(directory))
    .filter((name) => LOG.test(name) && Number.parseInt(name, 10) >= oldest)
    .toSorted((one, other) => Number.parseInt(one, 10) - Number.parseInt(other, 10))
    .map((name) => join(directory, name))
  let isLost = oldest > 0 && !logs.includes(fileOf(directory, oldest, 'log'))
  const logged = new Map<string, Write>()
  for (const log of logs) {
    for (const commit of readLog(await readFile(log))) {
      if (commit === undefined) isLost = true
      else for (const write of writesOf(commit)) logged.set(write.key, write)
    }
  }
  return { isLost, logged: isLost ? [] : [...logged.values()] }
}

async function mendTables(directory: string, { tables, lastWrite }: Manifest): Promise<boolean> {
  let isDamaged = false
  for (const [number, size] of tables) {
    const file = fileOf(directory, number, 'ldb')
    const table = await readIfThere(file)
    // LevelDB says which is missing.
    if (table === undefined) continue
    const patches = table.length < size ? undefined : mendTable(table.subarray(0, size), lastWrite)
    if (patches === undefined) throw damagedError(directory)
    if (patches.length === 0) continue
    isDamaged = true
    await noteLost(directory)
    await writeOver(file, patches)
  }
  return isDamaged
}

function fileOf(directory: string, number: number, ending: string): string {
  return join(directory, `${named(number)}.${ending}`)
}

function named(number: number): string {
  return String(number).padStart(6, '0')
}

async function namesIn(directory: string): Promise<readonly string[]> {
  // Of a directory that cannot be listed LevelDB says so.
  return await readdir(directory).catch(() => [])
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

/** Before it is mended or opened: afterwards nothing would tell that something is missing, or older than it should be. */
export async function noteLost(directory: string): Promise<void> {
  await writeFile(join(directory, LOST), '', { flush: true })
}

/** Whether a part of what the database in this directory had written is gone, because it was damaged, since {@link forgetLost}. */
export async function hasLost(directory: string): Promise<boolean> {
  try {
    return (await readIfThere(join(directory, LOST))) !== undefined
  } catch (error) {
    throw openError(directory, error)
  }
}

/** Removes all that is here made beside a database. */
export async function clearBeside(directory: string): Promise<void> {
  await rm(join(directory, LOST), { force: true })
  await remove(join(directory, SCRATCH))
}

/** Whoever had to know of it does. */
export async function forgetLost(directory: string): Promise<void> {
  try {
    await rm(join(directory, LOST), { force: true })
  } catch (error) {
    throw openError(directory, error)
  }
}

/** What LevelDB calls the state it last opened the database in `directory` with: another after each time that anybody opened it. */
export async function readCurrent(directory: string): Promise<string | undefined> {
  return await readFile(join(directory, 'CURRENT'), 'utf8')
}

/**
 * Resolves if the database in `directory` can be closed and opened again, rejects with `STORE_FULL` if there is no space for
 * that: closed, it could not even be read. Shown by writing as much beside it, because only that knows quotas, reserved
 * blocks and every file system.
 */
export async function proveSpace(directory: string): Promise<void> {
  const scratch = join(directory, SCRATCH)
  try {
    await remove(scratch)
    await mkdir(scratch)
    for (let number = 1; number < REOPEN_FILES; number++) await writeFile(join(scratch, String(number)), '')
    // It makes tables of its logs before it removes them: of one of 4 MiB (its write buffer), or two while it makes one of the first.
    const space = new Uint8Array((await logBytes(directory)) + REOPEN_BYTES)
    await writeFile(join(scratch, '0'), space, { flush: true })
  } catch (error) {
    throw writeError(directory, error)
  } finally {
    // What the disk does not let go of now is removed the next time.
    await remove(scratch).catch(() => undefined)
  }
}

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

/** How long the logs of the database in `directory` are together, in bytes. */
async function logBytes(directory: string): Promise<number> {
  let bytes = 0
  for (const name of await namesIn(directory)) {
    if (!LOG.test(name)) continue
    // LevelDB may remove one meanwhile.
    const log = await stat(join(directory, name)).catch(() => undefined)
    bytes += log?.size ?? 0
  }
  return bytes
}
