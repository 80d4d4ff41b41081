import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createMessenger, isMessengerError, wipeStore, type MessengerOptions } from '../../src/index.js'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'

const child = fileURLToPath(new URL('../support/messenger-wiped.js', import.meta.url))

/** Moments of a wipe in their order, and whether the store can be told from one that never was. */
const MOMENTS: Readonly<Record<string, readonly string[]>> = {
  'before unlink': ['WRONG_KEY'],
  'after unlink': ['WRONG_KEY'],
  'before compactRange': ['WRONG_KEY'],
  'after compactRange': ['WRONG_KEY'],
  'before destroy': ['WRONG_KEY'],
  // Nothing is left to be told.
  'after destroy': ['another identity'],
  'before rm': ['another identity'],
  'after rm': ['another identity'],
  'before rmdir': ['another identity'],
  'after rmdir': ['another identity']
}

describe('a wipe that is killed', function () {
  this.timeout(60_000)

  let directory: TemporaryDirectory
  let path: string

  beforeEach(async () => {
    directory = await temporaryDirectory()
    path = join(directory.path, 'store')
  })
  afterEach(() => directory.remove())

  async function make(unlock: MessengerOptions['unlock']): Promise<string> {
    const messenger = await createMessenger({
      path,
      start: false,
      ...(unlock === undefined ? {} : { unlock })
    })
    const { id } = messenger.identity
    await messenger.close()
    return id
  }

  async function reopen(id: string, unlock: MessengerOptions['unlock']): Promise<string> {
    try {
      const messenger = await createMessenger({
        path,
        start: false,
        ...(unlock === undefined ? {} : { unlock })
      })
      const found = messenger.identity.id
      await messenger.close()
      return found === id ? 'the identity' : 'another identity'
    } catch (error) {
      assert.ok(isMessengerError(error), String(error))
      assert.ok(error.message.length > 20)
      return error.code
    }
  }

  function wipeUntil(moment: string, ...rest: string[]): Promise<string> {
    return new Promise((resolve) => {
      execFile(process.execPath, [child, path, moment, ...rest], (_, stdout) => {
        resolve(stdout.trim())
      })
    })
  }

  for (const [moment, outcomes] of Object.entries(MOMENTS)) {
    it(`${moment} leaves nothing that can be opened`, async () => {
      const id = await make(undefined)
      const key = (await readFile(`${path}.key`, 'utf8')).split('\n')[1] ?? ''
      assert.equal(await wipeUntil(moment), moment)
      const left = existsSync(`${path}.key`) ? await readFile(`${path}.key`, 'latin1') : ''
      assert.ok(!left.includes(key))
      const outcome = await reopen(id, undefined)
      assert.ok(outcomes.includes(outcome), outcome)
      // It can be done again, to the end.
      await wipeStore(path)
      assert.deepEqual(await readdir(directory.path), [])
    })
  }

  it('leaves nothing to whoever has the passphrase once the header is gone', async () => {
    const unlock = { kind: 'passphrase', passphrase: 'a passphrase' } as const
    const id = await make(unlock)
    assert.equal(await wipeUntil('after compactRange', unlock.passphrase), 'after compactRange')
    assert.equal(await reopen(id, unlock), 'STORE_DAMAGED')
    for (const name of await readdir(path))
      assert.ok(!(await readFile(join(path, name))).includes('HALS'), name)
  })

  it('that is let be leaves nothing at all', async () => {
    const id = await make(undefined)
    assert.equal(await wipeUntil('never'), 'wiped')
    assert.deepEqual(await readdir(directory.path), [])
    assert.equal(await reopen(id, undefined), 'another identity')
  })
})
