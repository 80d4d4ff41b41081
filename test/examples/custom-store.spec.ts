import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openJsonLinesStore } from '../../examples/json-lines-store.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'
import { LIMIT_MS, runExample } from './program.js'

describe('examples/custom-store', function () {
  this.timeout(LIMIT_MS)
  let directory: TemporaryDirectory
  beforeEach(async () => {
    directory = await temporaryDirectory()
  })
  afterEach(() => directory.remove())

  it('finds its identity again, in a file that does not show it', async () => {
    const first = await runExample('custom-store.js', [], directory.path)
    assert.equal(first.code, 0, first.output)
    const [, id = ''] = /^Identity ([a-z2-7]{32}) lives in/m.exec(first.output) ?? []
    assert.equal(id.length, 32, first.output)
    const second = await runExample('custom-store.js', [], directory.path)
    assert.match(second.output, new RegExp(`Identity ${id} `))
    assert.ok(!(await readFile(join(directory.path, 'letters.jsonl'), 'latin1')).includes(id))
    assert.deepEqual(await readdir(directory.path), ['letters.jsonl'])
  })

  it('says that the passphrase is wrong, and leaves the store unlocked', async () => {
    await runExample('custom-store.js', ['./mine', 'right'], directory.path)
    const wrong = await runExample('custom-store.js', ['./mine', 'wrong'], directory.path)
    assert.deepEqual(
      [wrong.code, wrong.output],
      [1, 'This is not the passphrase that the store was made with.\n']
    )
    const right = await runExample('custom-store.js', ['./mine', 'right'], directory.path)
    assert.equal(right.code, 0, right.output)
  })

  it('says that another messenger has the store open', async () => {
    const store = await openJsonLinesStore(join(directory.path, 'mine'))
    const { code, output } = await runExample('custom-store.js', ['./mine'], directory.path)
    await store.close()
    assert.deepEqual([code, output], [1, 'Another messenger has this store open.\n'])
  })
})
