import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeWholeFile } from '../../src/cli/whole-file.js'

describe('cli/whole-file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-whole-'))
  const file = join(directory, 'stick')

  after(() => {
    rmSync(directory, { recursive: true, force: true })
  })

  async function* pieces(end?: Error): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from('one '))
    // Not there before it is whole.
    assert.deepEqual(
      readdirSync(directory).filter((name) => name === 'stick').length,
      end === undefined ? 0 : 1
    )
    yield Buffer.from('two')
    if (end !== undefined) throw end
  }

  it('writes all of it and then gives it its name, readable by its owner alone', async () => {
    await writeWholeFile(file, pieces())
    assert.equal(readFileSync(file, 'utf8'), 'one two')
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(directory), ['stick'])
  })

  it('leaves what was there, and nothing beside it, when it fails on the way', async () => {
    writeFileSync(file, 'before')
    const failure = new Error('pulled out')
    await assert.rejects(writeWholeFile(file, pieces(failure)), failure)
    assert.equal(readFileSync(file, 'utf8'), 'before')
    assert.deepEqual(readdirSync(directory), ['stick'])
  })

  it('says what is wrong with a place that takes no file', async () => {
    await assert.rejects(writeWholeFile(join(directory, 'no', 'where'), pieces()), {
      code: 'FILE_UNWRITABLE'
    })
    await assert.rejects(writeWholeFile(directory, (async function* () {})()), { code: 'FILE_UNWRITABLE' })
  })

  it('says that the disk is full', async function () {
    try {
      statSync('/dev/full')
    } catch {
      this.skip()
    }
    const { fileError } = await import('../../src/cli/file-error.js')
    const { writeFile } = await import('node:fs/promises')
    const failure: unknown = await writeFile('/dev/full', 'x').catch((error: unknown) => error)
    const said = fileError('write', 'stick', failure)
    assert.ok(said instanceof Error)
    assert.match(said.message, /no room/)
  })
})
