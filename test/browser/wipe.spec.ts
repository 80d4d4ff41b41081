import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BROWSERS, type Browser } from '../support/browser.js'
import { meetInBrowser } from '../support/browser-meeting.js'
import {
  databaseNames,
  holdDatabase,
  readDatabase,
  readKeyFiles,
  writeDatabase,
  writeKeyFile
} from '../support/browser-origin.js'
import { waitFor } from '../support/network-wait.js'

const LIMIT_MS = 60_000
/** Bytes at the end of a header, which are of a sealed key and a checksum. */
const SEALED_BYTES = 32
/** When a wipe is killed, and what the store says then. */
const MOMENTS = { 'with its key file gone': 'WRONG_KEY', 'with its header gone': 'STORE_DAMAGED' }

/** Files of a browser that hold these bytes. */
async function filesWith({ profile }: Browser, bytes: string | Buffer): Promise<string[]> {
  const found: string[] = []
  for (const entry of await readdir(profile, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    // The browser removes files meanwhile.
    const content = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0))
    if (content.includes(bytes)) found.push(entry.name)
  }
  return found
}

for (const name of BROWSERS)
  describe(`a wipe in ${name}, of what another page has open`, () => {
    const meeting = meetInBrowser(name)

    it('removes it if the other gives way', async () => {
      const [tab, other] = [await meeting().openTab(), await meeting().openTab()]
      const alice = { ...meeting().alice, path: 'given up' }
      await tab.openMessenger(alice)
      await holdDatabase(other.page, alice.path, true)
      await tab.ask('wipe')
      assert.deepEqual(await databaseNames(tab.page), [])
    })

    it('says so if it does not, and removes it when that is closed', async () => {
      const [tab, other] = [await meeting().openTab(), await meeting().openTab()]
      const alice = { ...meeting().alice, path: 'held' }
      await tab.openMessenger(alice)
      await holdDatabase(other.page, alice.path, false)
      assert.deepEqual(await tab.attempt('wipe'), { failed: 'STORE_UNWRITABLE' })
      await other.page.close()
      await tab.openMessenger(alice)
      await tab.ask('wipe')
      assert.deepEqual(await databaseNames(tab.page), [])
      assert.deepEqual(tab.errors, [])
    })
  })

// It has no buckets, in which Chromium has a key file.
describe('a wipe in firefox', () => {
  const meeting = meetInBrowser('firefox')

  it('leaves no file with the wrapped key of its store', async () => {
    const { alice, browser } = meeting()
    const tab = await meeting().openTab()
    const id = await tab.openMessenger(alice)
    const records = await readDatabase(tab.page, alice.path)
    const [, header] = records.find(([key]) => Buffer.from(key).toString() === 'header') ?? assert.fail()
    const sealed = Buffer.from(header.slice(-SEALED_BYTES))
    await tab.ask('close')
    assert.ok((await filesWith(browser, sealed)).length > 0)
    assert.equal(await tab.openMessenger(alice), id)

    await tab.ask('wipe')
    assert.deepEqual(await databaseNames(tab.page), [])
    assert.deepEqual(await filesWith(browser, sealed), [])
    assert.notEqual(await tab.openMessenger(alice), id)
    await tab.ask('wipe')
    assert.deepEqual(tab.errors, [])
  })
})

describe('a wipe in chromium', () => {
  const meeting = meetInBrowser('chromium')

  it('leaves nothing that its passphrase opens, whoever has the database of before', async () => {
    const { alice, bob, browser } = meeting()
    const tab = await meeting().openTab()
    const id = await tab.openMessenger(alice)
    await tab.ask('add', await bob.identity.card())
    await tab.ask('say', 'For nobody else')
    await waitFor('a receipt', () => tab.statuses.get('For nobody else') === 'delivered', LIMIT_MS)
    const records = await readDatabase(tab.page, alice.path)
    const [[file, text] = assert.fail()] = Object.entries(await readKeyFiles(tab.page))
    const key = text.split('\n')[1] ?? assert.fail()
    assert.ok((await filesWith(browser, key)).length > 0)

    await tab.ask('wipe')
    assert.deepEqual(await databaseNames(tab.page), [])
    assert.deepEqual(await readKeyFiles(tab.page), {})
    assert.deepEqual(await filesWith(browser, key), [])

    // Chromium's files show what was deleted: so whoever has them has all of this.
    await writeDatabase(tab.page, alice.path, records)
    assert.deepEqual(await tab.attempt('open', JSON.stringify(alice)), { failed: 'WRONG_KEY' })
    // Nothing but the destroyed file is missing.
    await writeKeyFile(tab.page, file, text)
    assert.equal(await tab.openMessenger(alice), id)
    await tab.ask('wipe')
    assert.deepEqual(tab.errors, [])
  })

  for (const [moment, outcome] of Object.entries(MOMENTS)) {
    it(`that is killed ${moment} leaves nothing that can be opened, and can be done again`, async () => {
      const { browser } = meeting()
      const alice = { ...meeting().alice, path: moment }
      const tab = await meeting().openTab()
      const id = await tab.openMessenger(alice)
      const wiping = tab.attempt('wipe', moment).catch(() => undefined)
      await waitFor(moment, () => tab.reached.includes(moment), LIMIT_MS)
      await tab.kill(browser)
      await wiping

      const next = await meeting().openTab()
      await assert.rejects(next.openMessengerOfGoneTab(alice), { message: outcome })
      await next.ask('wipeStore', moment)
      assert.notEqual(await next.openMessenger(alice), id)
      await next.ask('wipe')
      assert.deepEqual(await databaseNames(next.page), [])
      assert.deepEqual(await readKeyFiles(next.page), {})
    })
  }
})
