import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { Level } from 'level'
import { readLog } from '../../../src/storage/level-files/log.js'
import { writesOf } from '../../../src/storage/level-files/logged-commit.js'
import { put, remove } from '../../support/store-pairs.js'
import { temporaryDirectory } from '../../support/store-temporary.js'

describe('storage/level-files/logged-commit', () => {
  it('of LevelDB has each of its writes', async () => {
    const directory = await temporaryDirectory()
    const level = new Level<string, Uint8Array>(directory.path, { valueEncoding: 'view' })
    const first = [put('schlüssel', new Uint8Array(70_000).fill(7)), put('k', ''), remove('k')]
    await level.batch(first.map((write) => (write.type === 'put' ? write : { type: 'del', key: write.key })))
    await level.del('other')
    await level.close()
    const name = (await readdir(directory.path)).find((name) => name.endsWith('.log')) ?? assert.fail()
    const commits = [...readLog(Uint8Array.from(await readFile(join(directory.path, name))))]
    assert.deepEqual(
      commits.map((commit) => writesOf(commit ?? assert.fail())),
      [first, [remove('other')]]
    )
    await directory.remove()
  })

  it('of any bytes has some writes or none, and never throws', () => {
    const header = new Uint8Array(12)
    assert.deepEqual(writesOf(header), [])
    assert.deepEqual(writesOf(Uint8Array.of(...header, 2, 1, 97)), [])
    assert.deepEqual(writesOf(Uint8Array.of(...header, 0, 1, 97, 1, 1, 98, 2, 99)), [])
    fc.assert(fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => Array.isArray(writesOf(bytes))))
  })
})
