import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import {
  hasCode,
  makeDirectory,
  parseObject,
  parseSettings,
  readSettings,
  writeSettings
} from '../../src/cli/settings.js'

describe('the settings file', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-settings-'))
  after(() => rmSync(directory, { recursive: true }))

  it('reads back what was written, closed to other users', async () => {
    const place = join(directory, 'deep', 'down')
    const settings = {
      passphrase: true,
      network: 'isle',
      listen: ['/ip4/0.0.0.0/tcp/1'],
      bootstrap: [],
      lan: false,
      carrier: false,
      mailbox: 1024,
      budget: 70_000
    }
    await writeSettings(place, settings)
    assert.deepEqual(await readSettings(place), settings)
    if (process.platform !== 'win32') assert.equal(statSync(place).mode & 0o077, 0)
  })

  it('is undefined where nothing was initialised', async () => {
    assert.equal(await readSettings(join(directory, 'nowhere')), undefined)
  })

  it('says so if it is damaged', async () => {
    await makeDirectory(join(directory, 'damaged'))
    writeFileSync(join(directory, 'damaged', 'settings.json'), '{"passphrase":')
    await assert.rejects(readSettings(join(directory, 'damaged')), {
      code: 'SETTINGS_DAMAGED',
      message: /settings\.json/
    })
  })

  it('says so if the directory cannot be made', async () => {
    writeFileSync(join(directory, 'file'), '')
    await assert.rejects(makeDirectory(join(directory, 'file', 'below')), {
      code: 'STORE_UNWRITABLE',
      message: /--dir/
    })
    await assert.rejects(writeSettings(join(directory, 'file'), { passphrase: false }), {
      code: 'STORE_UNWRITABLE'
    })
  })

  it('gives up where no directory can be made, instead of trying for ever', async function () {
    if (process.platform !== 'linux') this.skip()
    await assert.rejects(makeDirectory('/proc/hallig/deep/down'), { code: 'STORE_UNWRITABLE' })
  })

  it('accepts only what it would write', () => {
    for (const text of ['[]', '1', 'null', '{}', '{"passphrase":1}', '{"passphrase":true,"listen":[1]}']) {
      assert.equal(parseSettings(text), undefined, text)
    }
    assert.deepEqual(parseSettings('{"passphrase":false,"later":1}'), { passphrase: false })
  })

  it('never throws at a text, whatever it holds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        parseSettings(text)
        parseObject(text)
      })
    )
  })

  it('tells reasons of failed file operations apart', () => {
    assert.ok(hasCode(Object.assign(new Error(), { code: 'ENOENT' }), 'ENOENT', 'ENOTDIR'))
    assert.ok(!hasCode(new Error(), 'ENOENT'))
  })
})
