import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { Level } from 'level'
import { mendTable } from '../../../src/storage/level-files/table.js'
import { makeTables, patched, tablesIn } from '../../support/store-tables.js'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/store-temporary.js'

const FOOTER_BYTES = 48
const LAST_WRITE = 300

describe('storage/level-files/table', () => {
  let directory: TemporaryDirectory
  let table: Uint8Array
  before(async () => {
    directory = await temporaryDirectory()
    await makeTables(join(directory.path, 'plain'))
    table = await readFile((await tablesIn(join(directory.path, 'plain')))[0] ?? '')
  })
  after(() => directory.remove())

  const flipped = (position: number, bit: number): Uint8Array =>
    patched(table, [{ position, bytes: Uint8Array.of((table[position] ?? 0) ^ (1 << bit)) }])

  it('leaves a whole one alone, and one with a compressed index', async () => {
    assert.deepEqual(mendTable(table, LAST_WRITE), [])
    await makeTables(join(directory.path, 'compressed'), true)
    const [file = ''] = await tablesIn(join(directory.path, 'compressed'))
    assert.deepEqual(mendTable(await readFile(file), LAST_WRITE), [])
  })

  it('sees any flipped bit, and has nothing to mend behind what it says', () => {
    fc.assert(
      fc.property(fc.nat(table.length - 1), fc.nat(7), (position, bit) => {
        // Between the two places that a footer names and the number it ends with lies nothing.
        fc.pre(position < table.length - FOOTER_BYTES)
        const broken = flipped(position, bit)
        const patches = mendTable(broken, LAST_WRITE)
        assert.notDeepEqual(patches, [])
        if (patches !== undefined) assert.deepEqual(mendTable(patched(broken, patches), LAST_WRITE), [])
      }),
      { numRuns: 500 }
    )
  })

  it('changes nothing of what it was given, as when one key was written again and again', async () => {
    const path = join(directory.path, 'versions')
    const level = new Level(path, { compression: false })
    for (let version = 0; version < 60; version++) await level.put('key', String(version).padEnd(300, '.'))
    await level.close()
    await level.open()
    await level.close()
    const file = await readFile((await tablesIn(path))[0] ?? '')
    fc.assert(
      fc.property(fc.nat(file.length - 1), fc.nat(7), (position, bit) => {
        const bytes = Uint8Array.of((file[position] ?? 0) ^ (1 << bit))
        const broken = patched(file, [{ position, bytes }])
        // As a file comes: of a Buffer, `slice` is no copy.
        const read = Buffer.from(broken)
        mendTable(read, LAST_WRITE)
        assert.ok(read.equals(broken))
      }),
      { numRuns: 500 }
    )
  })

  it('sees any damage of a stretch, and has nothing to mend behind what it says', () => {
    fc.assert(
      fc.property(
        fc.nat(table.length - 1),
        fc.uint8Array({ minLength: 1, maxLength: 5_000 }),
        (position, bytes) => {
          const broken = patched(table, [{ position, bytes }])
          const patches = mendTable(broken, LAST_WRITE)
          if (patches !== undefined) assert.deepEqual(mendTable(patched(broken, patches), LAST_WRITE), [])
        }
      )
    )
  })

  it('of any bytes, and cut off anywhere, is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => mendTable(bytes, LAST_WRITE) === undefined)
    )
    fc.assert(
      fc.property(
        fc.nat(table.length - 1),
        (end) => mendTable(table.subarray(0, end), LAST_WRITE) === undefined
      )
    )
  })

  it('accepts a block in which a value is another, and empties one in which keys are', () => {
    // The first entry: nothing shared, 34 bytes of key, and two bytes of length, or one.
    const value = 3 + 34 + 8
    assert.equal(table[0], 0)
    const accepted = mendTable(flipped(value, 0), LAST_WRITE) ?? []
    assert.deepEqual(
      accepted.map(({ bytes }) => bytes.length),
      [4]
    )
    // The length of the first key.
    const emptied = mendTable(flipped(1, 7), LAST_WRITE) ?? []
    assert.deepEqual(
      emptied.map(({ bytes }) => bytes.length),
      [9]
    )
    assert.deepEqual([...(emptied[0]?.bytes ?? [])].slice(0, 5), [0, 0, 0, 0, 0])
  })

  it('empties a block of any size: one value may be larger than a call takes arguments', async () => {
    const path = join(directory.path, 'large')
    const level = new Level<string, Uint8Array>(path, { valueEncoding: 'view', compression: false })
    await level.put('large', new Uint8Array(1_000_000))
    // What is in the log becomes a table when the database is opened.
    await level.close()
    await level.open()
    await level.close()
    const large = await readFile((await tablesIn(path))[0] ?? '')
    const broken = patched(large, [{ position: 3, bytes: Uint8Array.of(0x7e) }])
    const patches = mendTable(broken, LAST_WRITE) ?? []
    assert.deepEqual(
      patches.map(({ bytes }) => bytes.length),
      [9]
    )
    assert.deepEqual(mendTable(patched(broken, patches), LAST_WRITE), [])
  })

  it('leaves out a damaged filter, of which keys would be missed', () => {
    // In front of the footer lies the index, in front of that what names the filter, in front of that the filter.
    const metaindex = Buffer.from(table).lastIndexOf('filter.leveldb')
    const patches = mendTable(flipped(metaindex - 30, 0), LAST_WRITE) ?? []
    assert.equal(patches.length, 1)
    assert.ok((patches[0]?.position ?? 0) > metaindex)
  })
})
