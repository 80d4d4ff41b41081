import { createHash } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { concat } from 'uint8arrays/concat'
import { storedChecksum } from '../../src/storage/level-files/checksum.js'
import type { Patch } from '../../src/storage/level-files/table.js'

const RECORDS = 300
/** Bytes of one part of a value: 1 to 8 of them. */
const PART_BYTES = 32

/** What is under `key` in the database of {@link makeTables}. */
export function valueUnder(key: string): Uint8Array {
  const part = createHash('sha256').update(key).digest()
  return Uint8Array.from(
    { length: PART_BYTES * (1 + ((part[0] ?? 0) % 8)) },
    (_, at) => part[at % PART_BYTES] ?? 0
  )
}

/** Makes a database at `path` that consists of two tables, each with every other key, and resolves to its keys in order. */
export async function makeTables(path: string, compression = false): Promise<readonly string[]> {
  const level = new Level<string, Uint8Array>(path, {
    keyEncoding: 'utf8',
    valueEncoding: 'view',
    compression
  })
  const keys = Array.from(
    { length: RECORDS },
    (_, index) => `t${String(index % 3)}/${blinded(index)}`
  ).toSorted()
  for (const rest of [0, 1]) {
    const half = keys.filter((_, index) => index % 2 === rest)
    await level.batch(half.map((key) => ({ type: 'put', key, value: valueUnder(key) })))
    // What is in the log becomes a table when the database is opened.
    await level.close()
    await level.open()
  }
  await level.close()
  return keys
}

function blinded(index: number): string {
  return createHash('sha256').update(String(index)).digest('base64url').slice(0, 22)
}

/** The files of the tables in `directory`. */
export async function tablesIn(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory)
  return names.filter((name) => name.endsWith('.ldb')).map((name) => join(directory, name))
}

/** Writes `bytes` over those of a file from `position` on. */
export async function damage(file: string, position: number, bytes: Uint8Array): Promise<void> {
  await writeFile(file, patched(await readFile(file), [{ position, bytes }]))
}

/** A copy of `file` with these bytes written over. */
export function patched(file: Uint8Array, patches: readonly Patch[]): Uint8Array {
  const copy = Uint8Array.from(file)
  for (const { position, bytes } of patches) copy.set(bytes.subarray(0, copy.length - position), position)
  return copy
}

/** A part of a record as it lies in a log of LevelDB. */
export function part(kind: number, bytes: Uint8Array): Uint8Array {
  const header = new Uint8Array(7)
  const view = new DataView(header.buffer)
  view.setUint32(0, storedChecksum(Uint8Array.of(kind, ...bytes)), true)
  view.setUint16(4, bytes.length, true)
  view.setUint8(6, kind)
  return concat([header, bytes])
}
