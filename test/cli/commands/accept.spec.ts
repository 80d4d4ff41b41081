import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig accept', () => {
  it('trusts changed keys, and says so if nothing changed', async () => {
    const messenger = new FakeMessenger(contact('Bob', { change: 'device-key' }))
    await withCommandLine(messenger, async (cli) => {
      assert.match((await cli.run('accept', 'Bob')).out, /trusted now.*`hallig --dir \S+ verify Bob`/)
      assert.equal(messenger.people[0]?.change, undefined)
      assert.match((await cli.run('accept', 'Bob')).out, /nothing to accept/)
    })
  })
})
