import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
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

  it('waits for the first message of somebody new wherever a person can end it, also without a screen', async () => {
    const messenger = new FakeMessenger()
    const bob = contact('Bob')
    await withCommandLine(messenger, async (cli) => {
      cli.terminal = true
      cli.env = { TERM: 'dumb' }
      cli.stdin = Object.assign(new PassThrough(), { isTTY: true })
      cli.stdin.end('/quit\n')
      cli.onRemark = (text) => {
        if (!text.includes('Waiting') || messenger.people.length > 0) return
        messenger.people.push(bob)
        void messenger.change(bob.id, { reachable: true })
      }
      const { code, err } = await cli.run('chat', 'Bob')
      assert.deepEqual([code, err.includes('Bob has written to you.')], [0, true])
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
