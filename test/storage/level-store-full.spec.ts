import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, rmdir, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMessengerError, type MessengerError } from '../../src/errors.js'
import { groupCommit } from '../../src/storage/group-commit.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import type { Store, Write } from '../../src/storage/store.js'
import { mountSmallDisk, type SmallDisk } from '../support/store-disk.js'
import { put, text } from '../support/store-pairs.js'
import { beforeOpening, hideLogs } from '../support/store-opening.js'
import { damage, tablesIn } from '../support/store-tables.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const MEBIBYTE = 1024 * 1024
const DISK_MEBIBYTES = 80
/** What takes up most of the disk at first, and is removed to make space. */
const BALLASTS = ['ballast-1', 'ballast-2']
/** Of each more than the store needs to recover, also while it merges all the tables that it has by then. */
const BALLAST_MEBIBYTES = [20, 50]

describe('a Level store on a full disk', () => {
  let directory: TemporaryDirectory
  let disk: SmallDisk | undefined
  let kept: Map<string, Uint8Array>
  let level: Store

  before(async function () {
    directory = await temporaryDirectory()
    disk = await mountSmallDisk(join(directory.path, 'probe'), 1)
    if (disk === undefined) {
      console.log('    not tested here: a small disk needs root and the right to mount')
      this.skip()
    }
    disk.unmount()
  })
  after(() => directory.remove())
  beforeEach(async () => {
    disk = await mountSmallDisk(join(directory.path, 'disk'), DISK_MEBIBYTES)
    kept = new Map()
    for (const [index, name] of BALLASTS.entries())
      await writeFile(onDisk(name), new Uint8Array((BALLAST_MEBIBYTES[index] ?? 0) * MEBIBYTE))
    await open()
  })
  afterEach(async () => {
    await level.close()
    disk?.unmount()
  })

  const onDisk = (name: string): string => join(directory.path, 'disk', name)

  async function open(): Promise<void> {
    level = await openLevelStore(onDisk('store'))
  }

  /** Commits until the disk is full; remembers what was acknowledged. */
  async function fill(store: Store, valueBytes: number): Promise<MessengerError> {
    for (let index = 0; index * valueBytes < DISK_MEBIBYTES * MEBIBYTE; index++) {
      const error = await commit(store, [put(`k/${String(index)}`, randomBytes(valueBytes))])
      if (error !== undefined) return error
    }
    throw new Error('The disk never filled up')
  }

  async function commit(store: Store, writes: readonly Write[]): Promise<MessengerError | undefined> {
    try {
      await store.commit(writes)
    } catch (error) {
      if (isMessengerError(error)) return error
      throw error
    }
    for (const write of writes) if (write.type === 'put') kept.set(write.key, write.value)
    return undefined
  }

  async function assertKept(store: Store): Promise<void> {
    const found = new Map<string, Uint8Array>()
    for await (const [key, value] of store.range({})) found.set(key, value)
    assert.deepEqual([...found.keys()].toSorted(), [...kept.keys()].toSorted())
    for (const [key, value] of kept)
      assert.deepEqual(Buffer.from(found.get(key) ?? []), Buffer.from(value), key)
  }

  for (const valueBytes of [500, 3000, 100_000]) {
    it(`says STORE_FULL, stays readable and goes on once there is space (records of ${String(valueBytes)} bytes)`, async () => {
      const store = groupCommit(level)
      assert.equal((await fill(store, valueBytes)).code, 'STORE_FULL')
      await assertKept(store)

      // Still full: every further attempt says so, and costs nothing that was there.
      for (let attempt = 0; attempt < 3; attempt++) {
        assert.equal((await commit(store, [put('k/small', randomBytes(10))]))?.code, 'STORE_FULL')
        await assertKept(store)
      }

      await rm(onDisk(BALLASTS[0] ?? ''))
      for (let index = 0; index < 20; index++) {
        assert.equal(await commit(store, [put(`later/${String(index)}`, randomBytes(valueBytes))]), undefined)
      }
      await assertKept(store)
      await store.close()

      await open()
      await assertKept(level)
    })
  }

  it('says that it had no space to scrub, and scrubs once there is', async () => {
    const secret = randomBytes(32)
    await level.commit([put('header', secret)])
    for (let index = 0; index < 100; index++)
      await level.commit([put(`k/${String(index)}`, randomBytes(20_000))])
    await level.scrub?.('header')
    await level.commit([{ type: 'delete', key: 'header' }])
    await writeFile(onDisk('rest'), new Uint8Array(DISK_MEBIBYTES * MEBIBYTE)).catch(() => undefined)
    await assert.rejects(async () => level.scrub?.('header'), { code: 'STORE_FULL' })
    assert.ok(await isInFiles(secret))
    for (const name of ['rest', ...BALLASTS]) await rm(onDisk(name))
    await level.commit([put('k/0', 'later')])
    await level.scrub?.('header')
    assert.ok(!(await isInFiles(secret)))
  })

  async function isInFiles(bytes: Buffer): Promise<boolean> {
    for (const name of await readdir(onDisk('store')))
      if ((await readFile(onDisk(join('store', name)))).includes(bytes)) return true
    return false
  }

  it('goes on with a range that was under way when it recovered', async () => {
    await fill(level, 3000)
    const before = [...kept.keys()].toSorted()
    await rm(onDisk(BALLASTS[0] ?? ''))
    const seen: string[] = []
    for await (const [key] of level.range({ lt: 'later' })) {
      if (seen.push(key) === 3) assert.equal(await commit(level, [put('later', 'x')]), undefined)
    }
    assert.deepEqual(seen, before)
  })

  /** Fills up, has space again, and then a log that cannot be read: it is closed to be opened again, and cannot be. */
  async function failToReopen(): Promise<string> {
    await fill(level, 3000)
    await rm(onDisk(BALLASTS[0] ?? ''))
    const unreadable = onDisk('store/999999.log')
    await mkdir(unreadable)
    assert.equal((await commit(level, [put('k/0', 'of the first')]))?.code, 'STORE_FAILED')
    return unreadable
  }

  it('goes on when it could not be opened again at first', async () => {
    await rm(await failToReopen(), { recursive: true })
    assert.equal(await commit(level, [put('k/0', 'of the first')]), undefined)
    await assertKept(level)
  })

  it('goes on when it could not be told at first what it is open as', async () => {
    await fill(level, 3000)
    await rm(onDisk(BALLASTS[0] ?? ''))
    await rename(onDisk('store/CURRENT'), onDisk('CURRENT'))
    await mkdir(onDisk('store/CURRENT'))
    for (let attempt = 0; attempt < 2; attempt++)
      assert.equal((await commit(level, [put('k/0', 'of the first')]))?.code, 'STORE_FAILED')
    await rmdir(onDisk('store/CURRENT'))
    await rename(onDisk('CURRENT'), onDisk('store/CURRENT'))
    assert.equal(await commit(level, [put('k/0', 'of the first')]), undefined)
    await assertKept(level)
  })

  it('goes on with all that was in its log when LevelDB does not find that', async () => {
    await fill(level, 3000)
    await rm(onDisk(BALLASTS[0] ?? ''))
    const restore = hideLogs(onDisk('store'))
    assert.equal(await commit(level, [put('k/0', 'of the first')]), undefined)
    restore()
    await assertKept(level)
    await level.close()
    await open()
    await assertKept(level)
  })

  async function writeAsAnother(): Promise<void> {
    const other = await openLevelStore(onDisk('store'))
    await other.commit([put('k/0', 'of the other')])
    await other.close()
  }

  async function assertTaken(): Promise<void> {
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await commit(level, [put('k/0', 'of the first')])
      assert.match(refused?.message ?? '', /Another messenger has had the store/)
      await assert.rejects(level.get('k/0'), { code: 'STORE_FAILED' })
    }
    await level.close()
    await open()
    assert.equal(text(await level.get('k/0')), 'of the other')
  }

  it('does not go on when somebody else had it while it could not be opened again', async () => {
    await rm(await failToReopen(), { recursive: true })
    await writeAsAnother()
    await assertTaken()
  })

  it('does not go on when somebody else had it after its files were read through to open it again', async () => {
    await fill(level, 3000)
    await rm(onDisk(BALLASTS[0] ?? ''))
    const restore = beforeOpening(writeAsAnother)
    await assertTaken()
    restore()
  })

  it('does not go on with what was found damaged while it could not be opened again', async () => {
    // What is in its log becomes a table.
    await commit(level, [put('k/0', 'in a table')])
    await level.close()
    await open()
    await rm(await failToReopen(), { recursive: true })
    for (const table of await tablesIn(onDisk('store'))) await damage(table, 3, Uint8Array.of(0x7e))
    for (let attempt = 0; attempt < 2; attempt++) {
      const refused = await commit(level, [put('k/0', 'of the first')])
      assert.match(refused?.message ?? '', /The disk has damaged the store/)
      await assert.rejects(level.get('k/0'), { code: 'STORE_FAILED' })
    }
    await level.close()
    // What was damaged is written anew, which needs as much space again.
    await rm(onDisk(BALLASTS[1] ?? ''))
    await open()
    assert.equal(await commit(level, [put('k/0', 'of the first')]), undefined)
  })

  it('says that it had no space to write anew what was damaged, and does once there is', async () => {
    for (let index = 0; index < 30; index++)
      await level.commit([put(`k/${String(index)}`, randomBytes(100_000))])
    await level.close()
    // What is in the log becomes a table, and the first log goes.
    await open()
    await level.close()
    await writeFile(onDisk('rest'), new Uint8Array(DISK_MEBIBYTES * MEBIBYTE)).catch(() => undefined)
    await truncate(onDisk('rest'), (await stat(onDisk('rest'))).size - MEBIBYTE)
    const [table = ''] = await tablesIn(onDisk('store'))
    await damage(table, 3, Uint8Array.of(0x7e))
    for (let attempt = 0; attempt < 2; attempt++) await assert.rejects(open, { code: 'STORE_FULL' })
    await rm(onDisk('rest'))
    await open()
    assert.equal(await commit(level, [put('k/0', 'later')]), undefined)
  })

  it('fills up and recovers again and again', async () => {
    for (const ballast of BALLASTS) {
      assert.equal((await fill(level, 20_000)).code, 'STORE_FULL')
      await rm(onDisk(ballast))
      await level.commit([...kept.keys()].map((key) => ({ type: 'delete', key })))
      kept.clear()
      assert.equal(await commit(level, [put('round', ballast)]), undefined)
      await assertKept(level)
      await level.close()
      await open()
      await assertKept(level)
    }
  })
})
