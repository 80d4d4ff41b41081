import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
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

  it('asks on a terminal, where the start of a name may fit somebody else', async () => {
    const messenger = new FakeMessenger(contact('Bobby'))
    await withCommandLine(messenger, async (cli) => {
      cli.terminal = true
      cli.stdin = Object.assign(new PassThrough(), { isTTY: true })
      cli.stdin.write('\n')
      assert.match((await cli.run('remove', 'Bob')).out, /Forget Bobby and .*Bobby stays\.\n$/s)
      assert.equal(messenger.people.length, 1)
      cli.stdin = Object.assign(new PassThrough(), { isTTY: true })
      cli.stdin.write('y\n')
      await cli.run('remove', 'Bob')
      assert.equal(messenger.people.length, 0)
    })
  })

  it('does not ask who says that it is sure', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      cli.terminal = true
      cli.stdin = Object.assign(cli.stdin, { isTTY: true })
      await cli.run('remove', 'Bob', '--yes')
      assert.deepEqual(messenger.people, [])
    })
  })
})
