import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { meetInBrowser } from '../support/browser-meeting.js'
import {
  databaseNames,
  readDatabase,
  readKeyFiles,
  writeDatabase,
  writeKeyFile
} from '../support/browser-origin.js'
import { waitFor } from '../support/network-wait.js'

const LIMIT_MS = 60_000
/** When a wipe is killed, and what the store says then. */
const MOMENTS = { 'with its key file gone': 'WRONG_KEY', 'with its header gone': 'STORE_DAMAGED' }

describe('a wipe in a browser', () => {
  const meeting = meetInBrowser()

  /** Files of the browser that hold these bytes. */
  async function filesWith(text: string): Promise<string[]> {
    const { profile } = meeting().chromium
    const found: string[] = []
    for (const entry of await readdir(profile, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      // The browser removes files meanwhile.
      const bytes = await readFile(join(entry.parentPath, entry.name)).catch(() => Buffer.alloc(0))
      if (bytes.includes(text)) found.push(entry.name)
    }
    return found
  }

  it('leaves nothing that its passphrase opens, whoever has the database of before', async () => {
    const { alice, bob } = meeting()
    const tab = await meeting().openTab()
    const id = await tab.openMessenger(alice)
    await tab.ask('add', await bob.identity.card())
    await tab.ask('say', 'For nobody else')
    await waitFor('a receipt', () => tab.statuses.get('For nobody else') === 'delivered', LIMIT_MS)
    const records = await readDatabase(tab.page, alice.path)
    const [[file, text] = assert.fail()] = Object.entries(await readKeyFiles(tab.page))
    const key = text.split('\n')[1] ?? assert.fail()
    assert.ok((await filesWith(key)).length > 0)

    await tab.ask('wipe')
    assert.deepEqual(await databaseNames(tab.page), [])
    assert.deepEqual(await readKeyFiles(tab.page), {})
    assert.deepEqual(await filesWith(key), [])

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
      const { chromium } = meeting()
      const alice = { ...meeting().alice, path: moment }
      const tab = await meeting().openTab()
      const id = await tab.openMessenger(alice)
      const wiping = tab.attempt('wipe', moment).catch(() => undefined)
      await waitFor(moment, () => tab.reached.includes(moment), LIMIT_MS)
      await tab.kill(chromium)
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
