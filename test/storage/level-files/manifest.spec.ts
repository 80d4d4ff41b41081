import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { storedChecksum } from '../../../src/storage/level-files/checksum.js'
import { readManifest } from '../../../src/storage/level-files/manifest.js'
import { makeTables, patched, tablesIn } from '../../support/store-tables.js'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/store-temporary.js'

const FULL = 1
const FIRST = 2
const MIDDLE = 3
const LAST = 4

/** A part of a record as it lies in a log. */
function part(kind: number, bytes: Uint8Array): Uint8Array {
  const header = new Uint8Array(7)
  const view = new DataView(header.buffer)
  view.setUint32(0, storedChecksum(Uint8Array.of(kind, ...bytes)), true)
  view.setUint16(4, bytes.length, true)
  view.setUint8(6, kind)
  return concat([header, bytes])
}

const added = (number: number, size: number): number[] => [7, 0, number, size, 1, 97, 1, 98]

describe('storage/level-files/manifest', () => {
  let directory: TemporaryDirectory
  let manifest: Uint8Array
  before(async () => {
    directory = await temporaryDirectory()
    await makeTables(directory.path)
    const current = await readFile(join(directory.path, 'CURRENT'), 'utf8')
    manifest = await readFile(join(directory.path, current.trim()))
  })
  after(() => directory.remove())

  it('of LevelDB names every table and how long it is', async () => {
    const files = await tablesIn(directory.path)
    assert.equal(files.length, 2)
    const expected = new Map<number, number>()
    for (const file of files) expected.set(Number.parseInt(basename(file), 10), (await stat(file)).size)
    assert.deepEqual(readManifest(manifest), expected)
  })

  it('names what was added and not deleted since, whatever else it says', () => {
    const log = concat([
      part(FULL, Uint8Array.of(1, 1, 99, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 3, 5, 4, 6, 9, 0)),
      part(FULL, Uint8Array.of(...added(4, 10), ...added(5, 20))),
      part(FULL, Uint8Array.of(5, 1, 1, 97, 6, 0, 4, ...added(6, 30)))
    ])
    assert.deepEqual(
      [...(readManifest(log) ?? [])],
      [
        [5, 20],
        [6, 30]
      ]
    )
  })

  it('puts records together that are in parts, across blocks, and leaves out one that was not written to its end', () => {
    const record = Uint8Array.from(added(4, 10))
    // The name of a comparator, so long that the first part of the next record has no byte in the block, and its end no room for a header.
    const length = 32_768 - 7 - 4 - 7 - 3
    const name = Uint8Array.of(
      1,
      (length & 0x7f) | 0x80,
      ((length >> 7) & 0x7f) | 0x80,
      length >> 14,
      ...new Uint8Array(length)
    )
    const log = concat([
      part(FULL, name),
      part(FIRST, new Uint8Array(0)),
      new Uint8Array(3),
      part(MIDDLE, record.subarray(0, 3)),
      part(MIDDLE, record.subarray(3, 5)),
      part(LAST, record.subarray(5)),
      part(FULL, Uint8Array.from(added(5, 20))).subarray(0, -1)
    ])
    assert.deepEqual([...(readManifest(log) ?? [])], [[4, 10]])
  })

  it('with any flipped bit is damaged, or seems cut off: it names no table that there is not', () => {
    const log = concat([4, 5, 6].map((number) => part(FULL, Uint8Array.from(added(number, number * 10)))))
    fc.assert(
      fc.property(fc.nat(log.length - 1), fc.nat(7), (position, bit) => {
        const bytes = Uint8Array.of((log[position] ?? 0) ^ (1 << bit))
        const tables = readManifest(patched(log, [{ position, bytes }])) ?? new Map<number, number>()
        assert.ok(tables.size < 3)
        for (const [number, size] of tables) assert.equal(size, number * 10)
      })
    )
  })

  it('is damaged where a record has a field that nobody knows', () => {
    assert.equal(readManifest(part(FULL, Uint8Array.of(8, 1, 1))), undefined)
    assert.equal(readManifest(part(FULL, Uint8Array.of(7, 0, 4))), undefined)
    assert.deepEqual(readManifest(new Uint8Array(0)), new Map())
  })
})
