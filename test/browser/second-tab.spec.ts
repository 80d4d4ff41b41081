import assert from 'node:assert/strict'
import { BROWSERS } from '../support/browser.js'
import { meetInBrowser } from '../support/browser-meeting.js'
import { waitFor } from '../support/network-wait.js'

const LIMIT_MS = 60_000

for (const name of BROWSERS)
  describe(`a second tab of ${name}`, () => {
    const meeting = meetInBrowser(name)

    it('is refused with STORE_LOCKED while the first goes on, and opens when that is closed', async () => {
      const { alice, bob } = meeting()
      const options = JSON.stringify(alice)
      const first = await meeting().openTab()
      const id = await first.openMessenger(alice)
      await first.ask('add', await bob.identity.card())
      await first.ask('say', 'From the first')
      await waitFor('a receipt', () => first.statuses.get('From the first') === 'delivered', LIMIT_MS)

      const second = await meeting().openTab()
      for (let attempt = 0; attempt < 3; attempt += 1)
        assert.deepEqual(await second.attempt('open', options), { failed: 'STORE_LOCKED' })
      await first.ask('say', 'Still the first')
      await waitFor('a receipt', () => first.statuses.get('Still the first') === 'delivered', LIMIT_MS)
      await meeting().say('Heard')
      await waitFor('it to go on', () => first.received.includes('Heard'), LIMIT_MS)

      await first.ask('close')
      assert.equal(await second.openMessenger(alice), id)
      assert.deepEqual(await first.attempt('open', options), { failed: 'STORE_LOCKED' })
      await second.ask('say', 'From the second')
      await waitFor('a receipt', () => second.statuses.get('From the second') === 'delivered', LIMIT_MS)

      // Not closed by its messenger: the tab is gone.
      await second.page.close()
      assert.equal(await first.openMessengerOfGoneTab(alice), id)
      await first.ask('say', 'And the first again')
      await waitFor('a receipt', () => first.statuses.get('And the first again') === 'delivered', LIMIT_MS)

      const said = ['From the first', 'Still the first', 'From the second', 'And the first again']
      assert.deepEqual(await first.history(), { own: said, theirs: ['Heard'] })
      assert.deepEqual(meeting().heard, said)
      await first.ask('close')
      assert.deepEqual([...first.errors, ...second.errors], [])
    })

    it('opens at once only one of several', async () => {
      const options = JSON.stringify({ ...meeting().alice, path: 'contended' })
      const tabs = await Promise.all([meeting().openTab(), meeting().openTab(), meeting().openTab()])
      const answers = await Promise.all(tabs.map((tab) => tab.attempt('open', options)))
      const refused = answers.filter((answer) => 'failed' in answer)
      assert.deepEqual(refused, [{ failed: 'STORE_LOCKED' }, { failed: 'STORE_LOCKED' }])
    })
  })
