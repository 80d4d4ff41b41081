import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig verify', () => {
  it('shows the number and how to say that it matched', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      messenger.name = 'Alice'
      const { out, err } = await cli.run('verify', 'Bob')
      assert.match(out, /^Bob sees the same number with `hallig verify Alice`/m)
      assert.match(out, /10000 {2}10001 {2}10002 {2}10003\n/)
      assert.match(err, /--yes/)
      assert.equal(messenger.people[0]?.verified, false)
    })
  })

  it('remembers that it matched, and forgets it again', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      assert.equal((await cli.run('verify', 'Bob', '--yes')).out, 'Bob is verified.\n')
      assert.equal(messenger.people[0]?.verified, true)
      await cli.run('verify', 'Bob', '--undo')
      assert.equal(messenger.people[0].verified, false)
    })
  })

  it('asks in a terminal, and takes only yes for yes', async () => {
    for (const [answer, verified] of [
      ['y\n', true],
      ['\n', false]
    ] as const) {
      const messenger = new FakeMessenger(contact('Bob'))
      await withCommandLine(messenger, async (cli) => {
        cli.terminal = true
        cli.stdin = Object.assign(cli.stdin, { isTTY: true })
        cli.stdin.write(answer)
        await cli.run('verify', 'Bob')
        assert.equal(messenger.people[0]?.verified, verified)
      })
    }
  })

  it('answers programs with the number', async () => {
    await withCommandLine(new FakeMessenger(contact('Bob')), async (cli) => {
      const answer = (await cli.json('verify', 'Bob')) as { safetyNumber: string; verified: boolean }
      assert.match(answer.safetyNumber, /^(\d{5} ?){12}$/)
      assert.equal(answer.verified, false)
    })
  })
})
