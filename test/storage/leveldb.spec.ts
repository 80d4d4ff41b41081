import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Level } from 'level'
import { isMessengerError } from '../../src/errors.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { canCompact, canReadNow, proveUnused, removeDatabase } from '../../src/storage/leveldb.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

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
