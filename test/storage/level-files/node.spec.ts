import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdir, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Store, Write } from '../../../src/storage/store.js'
import { openLevelStore } from '../../../src/storage/level-store.js'
import {
  forgetLost,
  hasLost,
  mendFiles,
  proveSpace,
  readCurrent
} from '../../../src/storage/level-files/node.js'
import { mountSmallDisk, type SmallDisk } from '../../support/store-disk.js'
import { damage, makeTables, tablesIn, valueUnder } from '../../support/store-tables.js'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/store-temporary.js'

const MEBIBYTE = 1024 * 1024

describe('storage/level-files/node', () => {
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  const mend = async (prove = (): Promise<void> => Promise.resolve()): Promise<boolean> =>
    (await mendFiles(directory.path, prove)).isLost

  const refuse = (): Promise<void> => Promise.reject(new Error('open'))

  /** Makes a database that consists of a log, and resolves to its file. */
  async function makeLog(): Promise<string> {
    const store = await openLevelStore(directory.path)
    await store.commit([{ type: 'put', key: 'k', value: new Uint8Array(1_000) }])
    await store.close()
    const names = await readdir(directory.path)
    return join(directory.path, names.find((name) => /^\d+\.log$/.test(name)) ?? assert.fail())
  }

  const reopen = async (): Promise<void> => {
    await (await openLevelStore(directory.path)).close()
  }

  it('says nothing where there is no directory, and of a database that is begun', async () => {
    const none = { isLost: false, logged: [], next: undefined }
    assert.deepEqual(await mendFiles(join(directory.path, 'nowhere'), refuse), none)
    await writeFile(join(directory.path, 'MANIFEST-000001'), '')
    assert.equal(await mend(refuse), false)
    await reopen()
    assert.equal(await hasLost(directory.path), false)
  })

  it('takes no log of an app for one of LevelDB', async () => {
    const logs = ['app.log', '2026-11-30.log'].map((name) => join(directory.path, name))
    for (const log of logs) await writeFile(log, 'The app has started')
    assert.equal(await mend(refuse), false)
    await makeLog()
    assert.equal(await mend(), false)
    assert.equal(await hasLost(directory.path), false)
  })

  it('knows what the database is called when it is opened the next time, whether it has logs or not', async () => {
    await makeLog()
    for (let time = 0; time < 3; time++) {
      const { next } = await mendFiles(directory.path, () => Promise.resolve())
      await reopen()
      assert.equal(await readCurrent(directory.path), next)
    }
  })

  it('passes on that a log cannot be read', async () => {
    const log = await makeLog()
    await rm(log)
    await mkdir(log)
    await assert.rejects(mend(), { code: 'EISDIR' })
  })

  it('tells of a log with a flipped bit, and of none without, however often it is opened before somebody asks', async () => {
    const log = await makeLog()
    assert.equal(await mend(), false)
    await damage(log, 500, Uint8Array.of(1))
    await reopen()
    await reopen()
    assert.ok(await hasLost(directory.path))
  })

  it('tells of a log that is gone, which LevelDB does not miss', async () => {
    await rm(await makeLog())
    await reopen()
    assert.ok(await hasLost(directory.path))
  })

  it('tells nothing of a log that LevelDB needs no longer', async () => {
    await makeLog()
    await writeFile(join(directory.path, '000001.log'), 'damaged, but long in tables')
    assert.equal(await mend(), false)
  })

  it('says what to do where it cannot be read whether something is gone', async () => {
    await mkdir(join(directory.path, 'lost'))
    await assert.rejects(hasLost(directory.path), { code: 'STORE_FAILED' })
    await assert.rejects(forgetLost(directory.path), { code: 'STORE_UNWRITABLE' })
  })

  describe('of a database with tables', () => {
    let keys: readonly string[]
    let tables: readonly string[]
    beforeEach(async () => {
      keys = await makeTables(directory.path)
      tables = await tablesIn(directory.path)
    })

    /** The first entry, of which others take the beginning of their keys: they are behind the next whole one. */
    const outOfOrder = (): Promise<void> => damage(tables[0] ?? '', 3, Uint8Array.of(0x7e))

    /** Everything that is there, right or not, once all tables have been merged. */
    async function readAll(): Promise<readonly string[]> {
      const store = await openLevelStore(directory.path)
      await store.scrub?.('t')
      const found: string[] = []
      for await (const [key, value] of store.range({})) {
        assert.deepEqual(Uint8Array.from(value), valueUnder(key))
        found.push(key)
      }
      await store.close()
      return found
    }

    it('mends nothing where nothing is damaged', async () => {
      assert.equal(await mend(), false)
      assert.equal(await hasLost(directory.path), false)
      assert.deepEqual(await readAll(), keys)
    })

    it('gives up a block whose keys are out of order, tells it until it is forgotten, and keeps the others', async () => {
      await outOfOrder()
      assert.equal(await mend(), true)
      assert.equal(await mend(), false)
      assert.ok(await hasLost(directory.path))
      const found = await readAll()
      assert.ok(found.length > keys.length / 2 && found.length < keys.length, String(found.length))
      assert.deepEqual(
        found,
        keys.filter((key) => found.includes(key))
      )
      assert.ok(await hasLost(directory.path))
      await forgetLost(directory.path)
      assert.equal(await hasLost(directory.path), false)
      await forgetLost(directory.path)
    })

    it('is needed as long as LevelDB ends the process that merges such tables', async function () {
      if (process.platform !== 'linux') return this.skip()
      const merged = (path: string): string | null => {
        const program = `
          import { Level } from 'level'
          const level = new Level(${JSON.stringify(path)})
          await level.compactRange('a', 'z')
          await level.close()`
        return spawnSync(process.execPath, ['--input-type=module', '-e', program], {
          cwd: import.meta.dirname
        }).signal
      }
      await outOfOrder()
      assert.equal(merged(directory.path), 'SIGABRT')
      assert.equal(await mend(), true)
      assert.equal(merged(directory.path), null)
    })

    it('neither reads nor touches anything of a database that somebody has open', async () => {
      await truncate(tables[0] ?? '', 100)
      const before = await readFile(tables[0] ?? '')
      await assert.rejects(mend(refuse), /open/)
      assert.deepEqual(await readFile(tables[0] ?? ''), before)
      assert.equal(await hasLost(directory.path), false)
    })

    it('cannot mend what says where everything lies, nor a table that is cut off', async () => {
      const [file = ''] = tables
      const { size } = await stat(file)
      // The index ends where the footer begins.
      await damage(file, size - 60, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8))
      await assert.rejects(mend(), { code: 'STORE_DAMAGED' })
      await truncate(file, size - 1)
      await assert.rejects(mend(), { code: 'STORE_DAMAGED' })
      await assert.rejects(openLevelStore(directory.path), { code: 'STORE_DAMAGED' })
    })

    it('says that it is damaged where nothing names the manifest, of which LevelDB would begin anew', async () => {
      const current = join(directory.path, 'CURRENT')
      const manifest = join(directory.path, (await readFile(current, 'utf8')).trim())
      await damage(manifest, 10, Uint8Array.of(0xff))
      await assert.rejects(openLevelStore(directory.path), { code: 'STORE_DAMAGED' })
      await rm(manifest)
      await assert.rejects(openLevelStore(directory.path), { code: 'STORE_DAMAGED' })
      for (const text of ['', '\0'.repeat(16), '../\n', 'MANIFEST-000007', undefined]) {
        await (text === undefined ? rm(current) : writeFile(current, text))
        await assert.rejects(openLevelStore(directory.path), { code: 'STORE_DAMAGED' }, text)
      }
      assert.deepEqual(await tablesIn(directory.path), tables)
    })

    it('leaves alone what LevelDB has not finished, or not yet removed', async () => {
      await writeFile(join(directory.path, '999998.ldb'), new Uint8Array(5_000))
      await rm(tables[0] ?? '')
      assert.equal(await mend(), false)
    })

    it('passes on that the disk does not give back a table', async function () {
      if (process.platform !== 'linux') return this.skip()
      await rm(tables[0] ?? '')
      await symlink('/proc/self/mem', tables[0] ?? '')
      await assert.rejects(mend(), { code: 'EIO' })
      await assert.rejects(openLevelStore(directory.path), { code: 'STORE_FAILED' })
    })
  })

  it('tells that somebody has opened the database, and nothing while it is open', async () => {
    const seen: (string | undefined)[] = []
    for (let opening = 0; opening < 3; opening++) {
      const store = await openLevelStore(directory.path)
      seen.push(await readCurrent(directory.path))
      await store.commit([{ type: 'put', key: 'k', value: new Uint8Array(10) }])
      await store.close()
      assert.equal(await readCurrent(directory.path), seen.at(-1))
    }
    assert.equal(new Set(seen).size, 3)
  })

  it('brings no older value to light later, where the number of its write is damaged', async () => {
    const write = async (store: Store, text: string): Promise<void> => {
      for (const key of ['a', 'k', 'z']) {
        await store.commit([{ type: 'put', key, value: new TextEncoder().encode(`${key} ${text}`) }])
      }
    }
    const deletions = (length: number): Write[] =>
      Array.from({ length }, () => ({ type: 'delete', key: 'z' }))
    const read = async (store: Store): Promise<string> => new TextDecoder().decode(await store.get('k'))
    // Behind the key: the kind of the write, then its number, the lowest byte first. There have been no 2 ** 16 writes.
    for (const [byte, expected] of [
      [2, 'k old'],
      [3, 'k new']
    ] as const) {
      const path = join(directory.path, String(byte))
      let store = await openLevelStore(path)
      await write(store, 'old')
      await store.scrub?.('k')
      await write(store, 'new')
      // A write for each: what is damaged claims to be one of these, or one that is to come.
      await store.commit(deletions(300))
      await store.close()
      await (await openLevelStore(path)).close()
      for (const table of await tablesIn(path)) {
        const at = (await readFile(table)).indexOf('k old')
        if (at >= 0) await damage(table, at - 8 + byte, Uint8Array.of(1))
      }
      store = await openLevelStore(path)
      assert.equal(await read(store), expected)
      await forgetLost(path)
      await store.commit(deletions(70_000))
      await store.scrub?.('k')
      assert.equal(await read(store), expected)
      await store.close()
    }
  })

  it('passes on that the disk fails', async function () {
    if (process.platform !== 'linux') return this.skip()
    const log = await makeLog()
    await rm(log)
    // Nothing of a process lies at address 0.
    await symlink('/proc/self/mem', log)
    await assert.rejects(mend(), { code: 'EIO' })
  })

  describe('proves that there is space to open a database again', () => {
    let disk: SmallDisk | undefined
    afterEach(() => {
      disk?.unmount()
      disk = undefined
    })

    /** A disk of 16 MiB with two logs of 3, as while LevelDB makes a table of the first; `undefined` where there can be none. */
    async function diskWithLogs(files?: number): Promise<string | undefined> {
      disk = await mountSmallDisk(join(directory.path, 'disk'), 16, files)
      if (disk === undefined) {
        console.log('    not tested here: a small disk needs root and the right to mount')
        return undefined
      }
      for (const name of ['000003.log', '000004.log'])
        await writeFile(join(disk.path, name), new Uint8Array(3 * MEBIBYTE))
      return disk.path
    }

    it('without a trace, also where a log is gone by then, or an attempt was killed before', async () => {
      await symlink('nowhere', join(directory.path, '000002.log'))
      await mkdir(join(directory.path, 'space'))
      await writeFile(join(directory.path, 'space', '7'), '')
      await proveSpace(directory.path)
      assert.deepEqual(await readdir(directory.path), ['000002.log'])
    })

    it('for as much as its logs and a little more', async function () {
      const path = await diskWithLogs()
      if (path === undefined) return this.skip()
      const before = await readdir(path)
      await proveSpace(path)
      assert.deepEqual(await readdir(path), before)

      await writeFile(join(path, 'ballast'), new Uint8Array(3.5 * MEBIBYTE))
      await assert.rejects(proveSpace(path), { code: 'STORE_FULL' })
      assert.deepEqual((await readdir(path)).toSorted(), [...before, 'ballast'].toSorted())
    })

    it('for as many files as LevelDB makes', async function () {
      // The root of the disk is one of them, and each log.
      const path = await diskWithLogs(10)
      if (path === undefined) return this.skip()
      await proveSpace(path)
      await writeFile(join(path, 'ballast'), '')
      await assert.rejects(proveSpace(path), { code: 'STORE_FULL' })
      for (const name of await readdir(path)) if (name !== 'ballast') await rm(join(path, name))
      for (let number = 0; number < 8; number++) await writeFile(join(path, String(number)), '')
      // Not one for a directory.
      await assert.rejects(proveSpace(path), { code: 'STORE_FULL' })
    })

    it('but not where the directory is gone: then nothing is full, and none is made', async () => {
      const nowhere = join(directory.path, 'nowhere')
      await assert.rejects(proveSpace(nowhere), { code: 'STORE_FAILED' })
      assert.deepEqual(await readdir(directory.path), [])
    })
  })
})
