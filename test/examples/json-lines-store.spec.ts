import assert from 'node:assert/strict'
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { openJsonLinesStore } from '../../examples/json-lines-store.js'
import { isMessengerError } from '../../src/errors.js'
import { storeConformance, type OpenedStore } from '../conformance/store.js'
import { keysOf, put, text } from '../support/store-pairs.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

storeConformance('JSON lines', open, { lasting: true, locked: true })

async function open(): Promise<OpenedStore> {
  const directory = await temporaryDirectory()
  const path = join(directory.path, 'letters.jsonl')
  let last = await openJsonLinesStore(path)
  return {
    store: last,
    reopen: async () => {
      await last.close()
      last = await openJsonLinesStore(path)
      return last
    },
    openSecond: () => openJsonLinesStore(path),
    dispose: async () => {
      await last.close()
      await directory.remove()
    }
  }
}

describe('the JSON lines store', () => {
  let directory: TemporaryDirectory
  let path: string
  beforeEach(async () => {
    directory = await temporaryDirectory()
    path = join(directory.path, 'letters.jsonl')
  })
  afterEach(() => directory.remove())

  it('passes over a commit that a crash tore, and writes on behind the last whole one', async () => {
    const store = await openJsonLinesStore(path)
    await store.commit([put('a', '1')])
    await store.close()
    await appendFile(path, '[["b","MQ=')
    const again = await openJsonLinesStore(path)
    await again.commit([put('c', '1')])
    await again.close()
    const third = await openJsonLinesStore(path)
    assert.deepEqual(await keysOf(third), ['a', 'c'])
    await third.close()
  })

  it('keeps nothing of what was deleted once it has been opened again', async () => {
    const store = await openJsonLinesStore(path)
    await store.commit([put('a', '1'.repeat(1000))])
    await store.commit([{ type: 'delete', key: 'a' }])
    await store.close()
    await (await openJsonLinesStore(path)).close()
    assert.equal(await readFile(path, 'utf8'), '[]\n')
  })

  it('takes over the lock of a process that is no more', async () => {
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    await writeFile(`${path}.lock`, String(pid))
    const store = await openJsonLinesStore(path)
    await store.commit([put('a', '1')])
    assert.equal(text(await store.get('a')), '1')
    await store.close()
  })

  it('says STORE_DAMAGED of a file that is something else, and leaves it and no lock', async () => {
    for (const content of ['hello\n', '{}\n', '[["a",1]]\n']) {
      await writeFile(path, content)
      await assert.rejects(openJsonLinesStore(path), (error) => isMessengerError(error, 'STORE_DAMAGED'))
      assert.equal(await readFile(path, 'utf8'), content)
      await assert.rejects(stat(`${path}.lock`))
    }
  })

  it('says STORE_UNWRITABLE where there cannot be a file', async () => {
    await assert.rejects(openJsonLinesStore(join(directory.path, 'no', 'where')), (error) =>
      isMessengerError(error, 'STORE_UNWRITABLE')
    )
  })
})
