import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig chat', () => {
  it('talks in lines where there is no terminal', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.reaches = ['delivered']
    await withCommandLine(messenger, async (cli) => {
      cli.stdin.end('Moin\n/quit\n')
      const { code } = await cli.run('chat', 'Bob')
      assert.equal(code, 0)
      assert.deepEqual(
        messenger.calls.filter((call) => call.startsWith('send')),
        ['send Moin']
      )
    })
  })

  it('goes on with somebody else', async () => {
    const messenger = new FakeMessenger(contact('Bob'), contact('Carol'))
    messenger.reaches = ['delivered']
    await withCommandLine(messenger, async (cli) => {
      cli.stdin.end('/chat Carol\nMoin Carol\n')
      const { code } = await cli.run('chat', 'Bob')
      assert.equal(code, 0)
      assert.deepEqual(
        messenger.stored.map(({ conversationId }) => conversationId),
        [messenger.people[1]?.conversationId]
      )
    })
  })

  it('is not for programs', async () => {
    await withCommandLine(new FakeMessenger(contact('Bob')), async (cli) => {
      const { code, err } = await cli.run('chat', 'Bob', '--json')
      assert.equal(code, 2)
      assert.match(err, /read --follow --json/)
    })
  })
})
