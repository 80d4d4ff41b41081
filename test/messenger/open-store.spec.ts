import assert from 'node:assert/strict'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { platform } from '#platform'
import { openStore, type OpenedStore } from '../../src/messenger/open-store.js'
import type { MessengerOptions } from '../../src/messenger/options.js'
import type { Platform } from '../../src/platform/platform.js'
import { parseKeyFile } from '../../src/storage/key-file.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import type { SealedStore } from '../../src/storage/sealed-store.js'
import { countOf } from '../support/messenger-count.js'
import { mountSmallDisk, runWithoutSpace } from '../support/store-disk.js'
import { seededRandom } from '../support/store-random.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

describe('messenger/open-store', () => {
  let directory: TemporaryDirectory
  let warned: string[]

  beforeEach(async () => {
    directory = await temporaryDirectory()
    warned = []
  })
  afterEach(() => directory.remove())

  const openedOf = (options: MessengerOptions, on: Platform = platform): Promise<OpenedStore> =>
    openStore(options, on, seededRandom('open'), {
      debug: () => undefined,
      warn: (message, facts) => warned.push(`${message} ${JSON.stringify(facts)}`)
    })

  const open = async (options: MessengerOptions): Promise<SealedStore> => (await openedOf(options)).store

  it('destroys the key file and the key in the store, then the directory', async () => {
    const path = join(directory.path, 'store')
    const { store, destroyKey, removeData } = await openedOf({ path })
    await store.commit([{ type: 'put', key: 'a', value: Uint8Array.of(1) }])
    const key = await readFile(`${path}.key`)
    await destroyKey()
    await assert.rejects(readFile(`${path}.key`), { code: 'ENOENT' })
    await assert.rejects(store.get('a'), { code: 'CLOSED' })
    // Whoever has kept a copy of the key file has nothing either.
    await writeFile(`${path}.key`, key, { mode: 0o600 })
    await assert.rejects(open({ path }), { code: 'STORE_DAMAGED' })
    await removeData()
    await assert.rejects(readdir(path), { code: 'ENOENT' })
  })

  it('destroys the records of a store of the app, when there is no directory', async () => {
    const bare = createMemoryStore()
    const unlock = { kind: 'key', key: new Uint8Array(32).fill(1) } as const
    const { store, destroyKey, removeData } = await openedOf({
      store: {
        get: (key) => bare.get(key),
        range: (range) => bare.range(range),
        commit: (writes) => bare.commit(writes),
        close: () => Promise.resolve()
      },
      unlock
    })
    for (let n = 0; n < 2_500; n++)
      await store.commit([{ type: 'put', key: `a/${String(n)}`, value: Uint8Array.of(1) }])
    await destroyKey()
    await removeData()
    assert.equal(await countOf(bare.range({})), 0)
  })

  it('makes a key file beside the store, that opens it again', async () => {
    const path = join(directory.path, 'deep', 'store')
    const store = await open({ path })
    await store.commit([{ type: 'put', key: 'a', value: Uint8Array.of(1) }])
    await store.close()
    assert.equal(parseKeyFile(await readFile(`${path}.key`, 'utf8')).length, 32)
    const again = await open({ path })
    assert.deepEqual(await again.get('a'), Uint8Array.of(1))
    await again.close()
  })

  it('takes an empty key file for none as long as there is no store: whoever made it ended before the key was in it', async () => {
    const path = join(directory.path, 'store')
    await writeFile(`${path}.key`, '', { mode: 0o600 })
    const first = await open({ path })
    await first.commit([{ type: 'put', key: 'a', value: Uint8Array.of(1) }])
    await first.close()
    const again = await open({ path })
    assert.deepEqual(await again.get('a'), Uint8Array.of(1))
    await again.close()
    await writeFile(`${path}.key`, '')
    await assert.rejects(open({ path }), { code: 'WRONG_KEY' })
  })

  it('leaves no part of a key file that there was no space for', async function () {
    if (process.platform === 'win32') return this.skip()
    const file = join(directory.path, 'store.key')
    const source = new URL('../../src/platform/node.js', import.meta.url).href
    const printed = runWithoutSpace(`
      import { platform } from '${source}'
      await platform.writeKeyFile(${JSON.stringify(file)}, 'text').catch(({ code }) => console.log(code))
    `)
    assert.equal(printed, 'STORE_UNWRITABLE\n')
    assert.deepEqual(await readdir(directory.path), [])
    await (await open({ path: join(directory.path, 'store') })).close()
  })

  it('says STORE_FULL where there is no space for its directory or its key file', async function () {
    // The root of the disk is one of its files, the directory above the others another.
    const disk = await mountSmallDisk(join(directory.path, 'disk'), 24, 2)
    if (disk === undefined) {
      console.log('    not tested here: a small disk needs root and the right to mount')
      return this.skip()
    }
    try {
      const path = join(disk.path, 'deep', 'store')
      await assert.rejects(open({ path }), { code: 'STORE_FULL' })
      const unlock = { kind: 'key-file', file: `${path}.key` } as const
      await assert.rejects(open({ path: join(directory.path, 'store'), unlock }), { code: 'STORE_FULL' })
    } finally {
      disk.unmount()
    }
  })

  describe('where key files join what opens a store', () => {
    const unlock = { kind: 'key', key: new Uint8Array(32).fill(1) } as const
    const joining: Platform = { ...platform, joinsKeyFiles: () => true }

    it('makes one, needs it, and destroys it with the key in the store', async () => {
      const path = join(directory.path, 'store')
      const first = await openedOf({ path, unlock }, joining)
      await first.store.commit([{ type: 'put', key: 'a', value: Uint8Array.of(1) }])
      await first.store.close()
      const again = await openedOf({ path, unlock }, joining)
      assert.deepEqual(await again.store.get('a'), Uint8Array.of(1))
      await again.store.close()
      const file = await readFile(`${path}.key`)
      await rm(`${path}.key`)
      await assert.rejects(openedOf({ path, unlock }, joining), { code: 'WRONG_KEY' })
      await writeFile(`${path}.key`, file, { mode: 0o600 })
      await (await openedOf({ path, unlock }, joining)).destroyKey()
      await assert.rejects(readFile(`${path}.key`), { code: 'ENOENT' })
    })

    it('opens a store that was made where they do not', async () => {
      const path = join(directory.path, 'store')
      await (await open({ path, unlock })).close()
      await (await openedOf({ path, unlock }, joining)).store.close()
      await assert.rejects(readFile(`${path}.key`), { code: 'ENOENT' })
    })
  })

  it('takes a key file from where it is told', async () => {
    const path = join(directory.path, 'store')
    const unlock = { kind: 'key-file', file: join(directory.path, 'elsewhere', 'key') } as const
    await (await open({ path, unlock })).close()
    await assert.rejects(open({ path }), { code: 'WRONG_KEY' })
    await (await open({ path, unlock })).close()
  })

  it('says which table a damaged record was of, and nothing else of it', async () => {
    const bare = createMemoryStore()
    const unlock = { kind: 'key', key: new Uint8Array(32).fill(1) } as const
    const store = await open({ store: bare, unlock })
    await store.commit([{ type: 'put', key: 'message/secret-name/1', value: Uint8Array.of(1) }])
    await bare.commit([{ type: 'put', key: 'message/secret-name/1', value: new Uint8Array(60) }])
    assert.equal(await countOf(store.range({ gte: 'message/', lt: 'message0' })), 0)
    assert.equal(warned.length, 1)
    assert.ok(warned[0]?.includes('"message"') && !warned[0].includes('secret-name'))
  })

  it('makes a store in memory that nobody else can open', async () => {
    const [one, other] = [await open({}), await open({})]
    assert.notEqual(one.storeId, other.storeId)
  })
})
