import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig block and unblock', () => {
  it('refuse a contact and hear it again', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      assert.match((await cli.run('block', 'Bob')).out, /^Bob is blocked/)
      assert.equal(messenger.people[0]?.blocked, true)
      assert.match((await cli.run('unblock', 'Bob')).out, /not blocked any more/)
      assert.equal(messenger.people[0].blocked, false)
    })
  })
})
