import assert from 'node:assert/strict'
import { BROWSERS } from '../support/browser.js'
import { meetInBrowser } from '../support/browser-meeting.js'
import { waitFor } from '../support/network-wait.js'

const LIMIT_MS = 60_000

for (const name of BROWSERS)
  describe(`a messenger in a page of ${name}`, () => {
    const meeting = meetInBrowser(name)

    it('talks with one in Node over WebSocket, both ways, and goes on from its store after a reload', async () => {
      const { alice, bob, inbox, statuses } = meeting()
      const tab = await meeting().openTab()
      const id = await tab.openMessenger(alice)
      await tab.ask('add', await bob.identity.card())

      await tab.ask('say', 'Is the causeway still dry?')
      await waitFor('Bob to hear', () => meeting().heard.length === 1, LIMIT_MS)
      await waitFor(
        'his receipt',
        () => tab.statuses.get('Is the causeway still dry?') === 'delivered',
        LIMIT_MS
      )
      await bob.conversations.markRead(inbox[0]?.conversationId ?? assert.fail())
      await waitFor('that he read', () => tab.statuses.get('Is the causeway still dry?') === 'read', LIMIT_MS)
      await meeting().say('Until four')
      await waitFor('Alice to hear', () => tab.received.length === 1, LIMIT_MS)
      await waitFor('her receipt', () => statuses.get('Until four') === 'delivered', LIMIT_MS)
      await tab.ask('read')
      await waitFor('that she read', () => statuses.get('Until four') === 'read', LIMIT_MS)

      await tab.page.reload()
      await meeting().say('Or five')
      assert.equal(await tab.openMessenger(alice), id)
      await waitFor('what was said meanwhile', () => statuses.get('Or five') === 'delivered', LIMIT_MS)
      await tab.ask('say', 'I take the boat')
      await waitFor('a receipt', () => tab.statuses.get('I take the boat') === 'delivered', LIMIT_MS)

      assert.deepEqual(await tab.history(), {
        own: ['Is the causeway still dry?', 'I take the boat'],
        theirs: ['Until four', 'Or five']
      })
      assert.deepEqual(meeting().heard, ['Is the causeway still dry?', 'I take the boat'])
      assert.equal((await bob.contacts.list()).length, 1)
      assert.deepEqual(tab.received, ['Until four', 'Or five'], 'each is told of once')
      await tab.ask('close')
      assert.deepEqual(tab.errors, [])
    })

    it('opens its store with a key file, as in Node, and not without it, or says that the browser has no place for one', async () => {
      const alice = { ...meeting().alice, path: 'by-key-file', byKeyFile: true }
      const tab = await meeting().openTab()
      if (name === 'firefox') {
        assert.deepEqual(await tab.attempt('open', JSON.stringify(alice)), { failed: 'OPTIONS_INVALID' })
        return
      }
      const id = await tab.openMessenger(alice)
      await tab.page.reload()
      assert.equal(await tab.openMessenger(alice), id)
      await tab.ask('close')
      const other = JSON.stringify({ ...alice, byKeyFile: false })
      assert.deepEqual(await tab.attempt('open', other), { failed: 'WRONG_KEY' })
    })
  })
