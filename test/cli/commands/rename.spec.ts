import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig rename', () => {
  it('changes what a contact is called', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      assert.equal((await cli.run('rename', 'Bob', 'Robert')).out, 'Bob is called Robert now.\n')
      assert.equal(messenger.people[0]?.name, 'Robert')
    })
  })
})
