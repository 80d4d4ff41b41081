import assert from 'node:assert/strict'
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openLevelStore } from '../../../src/storage/level-store.js'
import { readCurrent, readLogs } from '../../../src/storage/log-files/node.js'
import { temporaryDirectory, type TemporaryDirectory } from '../../support/store-temporary.js'

describe('storage/log-files/node', () => {
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  it('reads logs to their end, and nothing else', async () => {
    await writeFile(join(directory.path, '000003.log'), new Uint8Array(200_000))
    await writeFile(join(directory.path, '000004.log'), '')
    await mkdir(join(directory.path, 'LOG'))
    await readLogs(directory.path)
  })

  it('says nothing where there is no directory', async () => {
    await readLogs(join(directory.path, 'nowhere'))
  })

  it('passes on that a log cannot be read', async () => {
    await mkdir(join(directory.path, '000003.log'))
    await assert.rejects(readLogs(directory.path), { code: 'EISDIR' })
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

  it('passes on that the disk fails', async function () {
    if (process.platform !== 'linux') return this.skip()
    // Nothing of a process lies at address 0.
    await symlink('/proc/self/mem', join(directory.path, '000003.log'))
    await assert.rejects(readLogs(directory.path), { code: 'EIO' })
  })
})
