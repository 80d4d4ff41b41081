import assert from 'node:assert/strict'
import { readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isMessengerError } from '../../src/errors.js'
import { hasLost } from '../../src/storage/level-files/node.js'
import { openLevelStore } from '../../src/storage/level-store.js'
import { storeConformance } from '../conformance/store.js'
import { beforeOpening, hideLogs } from '../support/store-opening.js'
import { openLevel } from '../support/store-opened.js'
import { keysOf, pairsOf, put, remove, text } from '../support/store-pairs.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

storeConformance('Level', () => openLevel((store) => Promise.resolve(store)), { lasting: true, locked: true })

describe('a Level store', () => {
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  it('makes the directory and those above it', async () => {
    const store = await openLevelStore(join(directory.path, 'a', 'b', 'c'))
    await store.commit([put('k', 'v')])
    await store.close()
  })

  it('says OPTIONS_INVALID of a path that is none', async () => {
    for (const path of ['', JSON.parse('null') as string])
      await assert.rejects(openLevelStore(path), { code: 'OPTIONS_INVALID' })
  })

  it('keeps what was in its log when LevelDB does not find that, and tells that it is missing until it has written it', async () => {
    const path = join(directory.path, 'store')
    const store = await openLevelStore(path)
    await store.commit([put('gone', 'v'), put('k', 'old')])
    await store.commit([put('k', 'new'), remove('gone')])
    await store.close()
    const restore = hideLogs(path)
    const again = await openLevelStore(path)
    restore()
    assert.ok(await hasLost(path))
    assert.deepEqual(await pairsOf(again), [['k', 'new']])
    await again.close()
    const last = await openLevelStore(path)
    assert.deepEqual(await pairsOf(last), [['k', 'new']])
    await last.close()
  })

  it('takes nothing back of what somebody else wrote after it had read through the files', async () => {
    const path = join(directory.path, 'store')
    const store = await openLevelStore(path)
    await store.commit([put('k', 'old'), put('gone', 'v')])
    await store.close()
    const restore = beforeOpening(async () => {
      const other = await openLevelStore(path)
      await other.commit([put('k', 'new'), remove('gone')])
      await other.close()
    })
    const again = await openLevelStore(path)
    restore()
    assert.deepEqual(await pairsOf(again), [['k', 'new']])
    assert.ok(!(await hasLost(path)))
    await again.close()
  })

  it('keeps what it acknowledged without waiting for the disk, too', async () => {
    const path = join(directory.path, 'store')
    const store = await openLevelStore(path, { durability: 'process-crash' })
    await store.commit([put('k', 'v')])
    await store.close()
    const again = await openLevelStore(path)
    assert.equal(text(await again.get('k')), 'v')
    await again.close()
  })

  it('opens again as soon as the first opener has closed', async () => {
    const first = await openLevelStore(directory.path)
    await assert.rejects(openLevelStore(directory.path), (error) => isMessengerError(error, 'STORE_LOCKED'))
    await first.close()
    const second = await openLevelStore(directory.path)
    await second.close()
  })

  it('says STORE_UNWRITABLE where there cannot be a directory', async () => {
    const file = join(directory.path, 'file')
    await writeFile(file, 'not a directory')
    for (const path of [file, join(file, 'below')]) {
      await assert.rejects(openLevelStore(path), (error) => isMessengerError(error, 'STORE_UNWRITABLE'))
    }
  })

  it('says STORE_DAMAGED when the table of contents is garbage or points nowhere', async () => {
    const store = await openLevelStore(directory.path)
    await store.commit([put('k', 'v')])
    await store.close()
    for (const garbage of ['garbage', 'MANIFEST-999999\n']) {
      await writeFile(join(directory.path, 'CURRENT'), garbage)
      await assert.rejects(openLevelStore(directory.path), (error) =>
        isMessengerError(error, 'STORE_DAMAGED')
      )
    }
  })

  it('says STORE_FAILED when the disk does not give back its log, and has lost nothing when it does', async function () {
    if (process.platform !== 'linux') return this.skip()
    const store = await openLevelStore(directory.path)
    await store.commit([put('k', 'v')])
    await store.close()
    const log = (await readdir(directory.path)).find((name) => name.endsWith('.log')) ?? assert.fail()
    const [file, aside] = [join(directory.path, log), join(directory.path, 'aside')]
    await rename(file, aside)
    // Reading it fails with EIO, as of a bad sector: nothing of a process lies at address 0.
    await symlink('/proc/self/mem', file)
    await assert.rejects(openLevelStore(directory.path), { code: 'STORE_FAILED' })
    await rm(file)
    await rename(aside, file)
    const again = await openLevelStore(directory.path)
    assert.equal(text(await again.get('k')), 'v')
    await again.close()
  })

  it('scrubs without losing anything', async () => {
    const store = await openLevelStore(directory.path)
    await store.commit([put('a', '1'), put('b', '2')])
    await store.scrub?.('a')
    assert.deepEqual(await keysOf(store), ['a', 'b'])
    await store.close()
    await assert.rejects(
      async () => store.scrub?.('a'),
      (error) => isMessengerError(error, 'CLOSED')
    )
  })

  it('says in words what it does not take', async () => {
    const path = join(directory.path, 'store')
    for (const given of [[], [''], [5], [path, null], [path, { durability: 'forever' }]])
      await assert.rejects(
        async () => {
          await Reflect.apply(openLevelStore, undefined, given)
        },
        { code: 'OPTIONS_INVALID' }
      )
  })
})
