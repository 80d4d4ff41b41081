import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('changing a contact', () => {
  it('answers programs with the contact as it is now', async () => {
    await withCommandLine(new FakeMessenger(contact('Bob')), async (cli) => {
      const bob = (await cli.json('block', 'bob')) as { name: string; blocked: boolean }
      assert.deepEqual([bob.name, bob.blocked], ['Bob', true])
    })
  })

  it('changes nothing if the name could be several', async () => {
    const messenger = new FakeMessenger(contact('Bob'), contact('Bobby'))
    await withCommandLine(messenger, async (cli) => {
      const { code, err } = await cli.run('remove', 'bo')
      assert.equal(code, 4)
      assert.match(err, /could be Bob .*, Bobby/)
      assert.equal(messenger.people.length, 2)
    })
  })
})
