import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { contact, FakeMessenger, message } from '../fake-messenger.js'

describe('hallig read', () => {
  it('prints new messages and marks them read', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.stored.push(message(1, 'Moin'))
    await withCommandLine(messenger, async (cli) => {
      assert.match((await cli.run('read', '--wait', '0')).out, /Bob: Moin\n$/)
      assert.ok(!messenger.started)
      const again = await cli.run('read', '--wait', '0')
      assert.deepEqual([again.code, again.out, again.err], [0, '', 'No new messages.\n'])
      assert.match((await cli.run('read', 'Bob', '--wait', '0')).out, /Bob: Moin\n$/)
    })
  })

  it('keeps them unread if asked to', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.stored.push(message(1, 'Moin'))
    await withCommandLine(messenger, async (cli) => {
      await cli.run('read', '--keep-unread', '--wait', '0')
      assert.deepEqual(messenger.calls, [])
    })
  })

  it('answers programs with one object per line', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.stored.push(message(1, 'Moin\u001b'), message(2, 'two'))
    await withCommandLine(messenger, async (cli) => {
      const { out } = await cli.run('read', '--json', '--wait', '0')
      const texts = out
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { text: string }).text)
      assert.deepEqual(texts, ['Moin\u001b', 'two'])
    })
  })

  it('follows until it is interrupted', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      const before = process.listenerCount('SIGINT')
      const started = messenger.start.bind(messenger)
      messenger.start = async () => {
        await started()
        const interrupt = setInterval(() => {
          if (process.listenerCount('SIGINT') === before) return
          clearInterval(interrupt)
          messenger.receive(message(1, 'live'))
          setImmediate(() => process.emit('SIGINT'))
        }, 1)
      }
      const { code, out } = await cli.run('read', '--follow')
      assert.equal(code, 0)
      assert.match(out, /Bob: live\n$/)
    })
  })

  it('refuses a senseless limit', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      assert.equal((await cli.run('read', '--limit', '0')).code, 2)
    })
  })
})
