import assert from 'node:assert/strict'
import { deliveryText } from '../../../src/cli/commands/send.js'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger } from '../fake-messenger.js'

describe('hallig send', () => {
  it('waits for the delivery and says so', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.reaches = ['sent', 'delivered']
    await withCommandLine(messenger, async (cli) => {
      assert.deepEqual(await cli.run('send', 'Bob', 'two', 'words'), {
        code: 0,
        out: 'Delivered to Bob.\n',
        err: ''
      })
      assert.deepEqual(messenger.calls, ['send two words'])
      const answer = (await cli.json('send', 'Bob', 'x')) as { status: string; text: string }
      assert.deepEqual([answer.status, answer.text], ['delivered', 'x'])
    })
  })

  it('says what is pressing', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      const answer = (await cli.json('send', 'Bob', 'x', '--priority', 'emergency')) as { priority: string }
      assert.equal(answer.priority, 'emergency')
      assert.equal((await cli.run('send', 'Bob', 'x', '--priority', 'dire')).code, 2)
    })
  })

  it('exits 0 and says that it is queued if nobody is there', async () => {
    await withCommandLine(new FakeMessenger(contact('Bob')), async (cli) => {
      const { code, out } = await cli.run('send', 'Bob', 'hi', '--wait', '0')
      assert.equal(code, 0)
      assert.match(out, /^Queued: Bob is out of reach\. It leaves by itself when/)
    })
  })

  it('promises no file for who was never met, whose keys are not here', async () => {
    const met = new FakeMessenger(contact('Bob'))
    await withCommandLine(met, async (cli) => {
      assert.match((await cli.run('send', 'Bob', 'hi', '--wait', '0')).out, /`hallig export`/)
    })
    await withCommandLine(
      new FakeMessenger(contact('Bob', { session: 'waiting-for-bundle' })),
      async (cli) => {
        const { code, out } = await cli.run('send', 'Bob', 'hi', '--wait', '0')
        assert.equal(code, 0)
        assert.match(out, /^Queued: Bob is out of reach.*Bob makes with `hallig card --full`\.\n$/)
      }
    )
  })

  it('reads the text from stdin', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      cli.stdin.end('one\ntwo\n')
      await cli.run('send', 'Bob', '-', '--wait', '0')
      assert.deepEqual(messenger.calls, ['send one\ntwo'])
    })
  })

  it('refuses an empty message and an unknown contact', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      assert.equal((await cli.run('send', 'Bob', ' ')).code, 2)
      assert.equal((await cli.run('send', 'Dave', 'hi')).code, 4)
      assert.deepEqual(messenger.calls, [])
    })
  })

  it('has a sentence for every status', () => {
    const statuses = ['queued', 'sent', 'delivered', 'read', 'expired'] as const
    const sentences = statuses.map((status) => deliveryText({ status }, 'Bob', 'established'))
    assert.equal(new Set(sentences).size, statuses.length)
    assert.ok(sentences.every((sentence) => sentence.includes('Bob') && sentence.endsWith('.')))
  })
})
