import assert from 'node:assert/strict'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { isMessengerError } from '../../src/errors.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { canCompact, canReadNow, proveSpace, proveUnused, removeDatabase } from '../../src/storage/leveldb.js'
import { mountSmallDisk } from '../support/store-disk.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const MEBIBYTE = 1024 * 1024

describe('LevelDB: removing a database', () => {
  it('says that it cannot where nothing can be written', async function () {
    // Not even root writes there.
    if (process.platform !== 'linux') return this.skip()
    await assert.rejects(
      removeDatabase('/sys/kernel'),
      (error) => isMessengerError(error, 'STORE_UNWRITABLE') && error.message.includes('read-only')
    )
  })
})

describe('LevelDB: removing its files', () => {
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
    Object.defineProperty(globalThis, 'indexedDB', { value: {}, configurable: true })
  })
  afterEach(async () => {
    Reflect.deleteProperty(globalThis, 'indexedDB')
    await directory.remove()
  })

  it('leaves none, also where an app has brought an IndexedDB', async () => {
    const store = await openLevelStore(`${directory.path}/store`)
    await store.close()
    await removeDatabase(`${directory.path}/store`)
    assert.deepEqual(await readdir(directory.path), [])
  })
})

describe('LevelDB: the space to open a database again', () => {
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  it('is proved without a trace', async () => {
    await proveSpace(directory.path)
    assert.deepEqual(await readdir(directory.path), [])
  })

  it('is that of its logs and a little more, and the attempt leaves no trace either', async function () {
    const disk = await mountSmallDisk(join(directory.path, 'disk'), 16)
    if (disk === undefined) {
      console.log('    not tested here: a small disk needs root and the right to mount')
      return this.skip()
    }
    try {
      // As while LevelDB makes a table of the first.
      for (const name of ['000003.log', '000004.log'])
        await writeFile(join(disk.path, name), new Uint8Array(3 * MEBIBYTE))
      const before = await readdir(disk.path)
      await proveSpace(disk.path)
      assert.deepEqual(await readdir(disk.path), before)

      await writeFile(join(disk.path, 'ballast'), new Uint8Array(3.5 * MEBIBYTE))
      await assert.rejects(proveSpace(disk.path), (error) => isMessengerError(error, 'STORE_FULL'))
      assert.deepEqual((await readdir(disk.path)).toSorted(), [...before, 'ballast'].toSorted())
    } finally {
      disk.unmount()
    }
  })

  it('is missing where there is none for a directory', async function () {
    // The root of the disk is one of them.
    const disk = await mountSmallDisk(join(directory.path, 'disk'), 24, 1)
    if (disk === undefined) {
      console.log('    not tested here: a small disk needs root and the right to mount')
      return this.skip()
    }
    try {
      await assert.rejects(proveSpace(disk.path), (error) => isMessengerError(error, 'STORE_FULL'))
    } finally {
      disk.unmount()
    }
  })
})

describe('LevelDB: whether somebody has a database open', () => {
  it('is told without opening it', async () => {
    const directory = await temporaryDirectory()
    const store = await openLevelStore(directory.path)
    await assert.rejects(proveUnused(directory.path), { code: 'STORE_LOCKED' })
    await store.close()
    const before = await readFile(join(directory.path, 'CURRENT'), 'utf8')
    await proveUnused(directory.path)
    assert.equal(await readFile(join(directory.path, 'CURRENT'), 'utf8'), before)
    await directory.remove()
  })
})

describe('LevelDB', () => {
  it('is told apart by what it can do', async () => {
    const directory = await temporaryDirectory()
    const database = new Level<string, Uint8Array>(join(directory.path, 'level'), { valueEncoding: 'view' })
    await database.open()
    assert.ok(canCompact(database))
    assert.ok(!canCompact({}))
    assert.ok(canReadNow(database))
    await database.put('a', Uint8Array.of(1))
    assert.deepEqual([...(database.getSync('a') ?? [])], [1])
    await database.close()
    await directory.remove()
  })
})
