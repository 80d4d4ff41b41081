import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig remove', () => {
  it('forgets a contact', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      assert.match((await cli.run('remove', 'Bob')).out, /^Bob and everything/)
      assert.deepEqual(messenger.people, [])
      assert.equal((await cli.run('remove', 'Bob')).code, 4)
    })
  })
})
