import assert from 'node:assert/strict'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import fc from 'fast-check'
import { concat } from 'uint8arrays/concat'
import { readManifest } from '../../../src/storage/level-files/manifest.js'
import { makeTables, part, patched, tablesIn } from '../../support/store-tables.js'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/store-temporary.js'

const FULL = 1
/** A field: the number of the oldest log. */
const LOG = 2

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
    assert.deepEqual(readManifest(manifest)?.tables, expected)
    const logs = (await readdir(directory.path)).filter((name) => name.endsWith('.log'))
    assert.deepEqual(
      logs.map((name) => Number.parseInt(name, 10)),
      [readManifest(manifest)?.log]
    )
  })

  it('names what was added and not deleted since, whatever else it says', () => {
    const log = concat([
      part(FULL, Uint8Array.of(1, 1, 99, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 2, 5)),
      part(FULL, Uint8Array.of(4, 0x80, 0x80, 0x80, 0x80, 0x80, 1, 9, 0)),
      part(FULL, Uint8Array.of(...added(4, 10), ...added(5, 20))),
      part(FULL, Uint8Array.of(2, 7, 5, 1, 1, 97, 6, 0, 4, ...added(6, 30)))
    ])
    assert.deepEqual(readManifest(log), {
      tables: new Map([
        [5, 20],
        [6, 30]
      ]),
      log: 7,
      lastWrite: 2 ** 35,
      next: 2 ** 42 - 1
    })
  })

  it('with any flipped bit is damaged', () => {
    const first = part(FULL, Uint8Array.of(LOG, 3))
    const log = concat([
      first,
      ...[4, 5, 6].map((number) => part(FULL, Uint8Array.from(added(number, number * 10))))
    ])
    fc.assert(
      fc.property(fc.nat(log.length - 1), fc.nat(7), (position, bit) => {
        const bytes = Uint8Array.of((log[position] ?? 0) ^ (1 << bit))
        assert.equal(readManifest(patched(log, [{ position, bytes }])), undefined)
      })
    )
  })

  it('is damaged where a record has a field that nobody knows, and where none says which log is needed', () => {
    const whole = Uint8Array.of(LOG, 3)
    assert.deepEqual(readManifest(part(FULL, whole)), { tables: new Map(), log: 3, lastWrite: 0, next: 0 })
    assert.equal(readManifest(part(FULL, Uint8Array.of(...whole, 8, 1, 1))), undefined)
    assert.equal(readManifest(part(FULL, Uint8Array.of(...whole, 7, 0, 4))), undefined)
    assert.equal(readManifest(part(FULL, Uint8Array.from(added(4, 10)))), undefined)
    assert.equal(readManifest(new Uint8Array(0)), undefined)
  })
})
