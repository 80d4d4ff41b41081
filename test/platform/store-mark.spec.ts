import assert from 'node:assert/strict'
import { cp, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readMark, removeMark, writeMark } from '../../src/platform/store-mark.js'
import { runWithoutSpace } from '../support/store-disk.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

describe('platform/store-mark', () => {
  let directory: TemporaryDirectory

  beforeEach(async () => {
    directory = await temporaryDirectory()
  })

  afterEach(async () => {
    await directory.remove()
  })

  it('is the same as long as nobody touches it, and when its directory is renamed', async () => {
    const written = await writeMark(directory.path, 'text')
    assert.equal(written?.text, 'text')
    assert.deepEqual(await readMark(directory.path), written)
    await rename(directory.path, `${directory.path}-moved`)
    assert.deepEqual(await readMark(`${directory.path}-moved`), written)
    await rename(`${directory.path}-moved`, directory.path)
  })

  it('is another file in a copy, and has changed where a copy was written over it', async () => {
    const written = await writeMark(directory.path, 'text')
    const copy = join(directory.path, 'copy')
    await cp(join(directory.path, 'mark'), join(copy, 'mark'), { preserveTimestamps: true })
    const copied = await readMark(copy)
    assert.equal(copied?.text, 'text')
    assert.notEqual(copied.file, written?.file)
    await writeFile(join(directory.path, 'mark'), 'text')
    const overwritten = await readMark(directory.path)
    assert.deepEqual([overwritten?.text, overwritten?.file], ['text', written?.file])
    assert.notEqual(overwritten?.changed, written?.changed)
  })

  it('is as it was when there is no space to write it', async function () {
    if (process.platform === 'win32') return this.skip()
    const written = await writeMark(directory.path, 'text')
    const source = new URL('../../src/platform/store-mark.js', import.meta.url).href
    const printed = runWithoutSpace(`
      import { writeMark } from '${source}'
      await writeMark(${JSON.stringify(directory.path)}, 'more').catch(({ code }) => console.log(code))
    `)
    assert.equal(printed, 'STORE_UNWRITABLE\n')
    assert.deepEqual(await readMark(directory.path), written)
  })

  it('is the text that was written last, where one before was longer', async () => {
    await writeMark(directory.path, 'a longer text')
    assert.equal((await writeMark(directory.path, 'text'))?.text, 'text')
  })

  it('is removed, also where there is none', async () => {
    await writeMark(directory.path, 'text')
    await removeMark(directory.path)
    assert.equal(await readMark(directory.path), undefined)
    await removeMark(directory.path)
  })

  it('is absent where there is none, and says when it cannot be written', async () => {
    assert.equal(await readMark(directory.path), undefined)
    assert.equal(await readMark(join(directory.path, 'nowhere')), undefined)
    await assert.rejects(writeMark(join(directory.path, 'nowhere'), 'text'), { code: 'STORE_UNWRITABLE' })
    await writeFile(join(directory.path, 'file'), '')
    await assert.rejects(writeMark(join(directory.path, 'file'), 'text'), { code: 'STORE_UNWRITABLE' })
  })
})
