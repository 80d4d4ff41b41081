import assert from 'node:assert/strict'
import { releaseOf } from '../../src/cli/control/hello.js'
import { ControlServer, type ControlServerInit } from '../../src/cli/control/server.js'
import { writeHolder } from '../../src/cli/holder.js'
import { MessengerError } from '../../src/index.js'
import { withCommandLine, type CommandLine } from './command-line.js'
import { contact, FakeMessenger, message, MORNING } from './fake-messenger.js'

/** A command line in whose directory another command has the store and serves `messenger`. */
async function withHolder(
  messenger: FakeMessenger,
  use: (cli: CommandLine, server: ControlServer) => Promise<void>,
  more: Partial<ControlServerInit> = {}
): Promise<void> {
  await withCommandLine(messenger, async (cli) => {
    cli.refusal = new MessengerError('STORE_LOCKED', 'locked')
    await writeHolder(cli.directory, 'node', MORNING)
    const server = new ControlServer({
      messenger,
      directory: cli.directory,
      platform: 'linux',
      release: releaseOf('1.2.3'),
      passphrase: undefined,
      onWiped: () => undefined,
      ...more
    })
    await server.listen()
    try {
      await use(cli, server)
    } finally {
      await server.close()
    }
  })
}

describe('a command beside the one that has the store', () => {
  it('works through it, and leaves it running', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.receive(message(1, 'hello'))
    messenger.closed = false
    await withHolder(messenger, async (cli) => {
      messenger.closed = false
      assert.match((await cli.run('contacts')).out, /^Bob .*1 unread/)
      assert.match((await cli.run('read', '--wait', '0')).out, /Bob: hello/)
      assert.match((await cli.run('read', '--wait', '0')).err, /No new messages/)
      messenger.reaches = ['delivered']
      assert.equal((await cli.run('send', 'Bob', 'hi')).out, 'Delivered to Bob.\n')
      messenger.carried = Buffer.from('a file')
      const file = `${cli.directory}/file`
      assert.match((await cli.run('export', file)).out, /6 envelopes/)
      messenger.carried = Buffer.alloc(0)
      assert.match((await cli.run('import', file)).out, /4 envelopes, 3 new/)
      assert.equal(Buffer.from(messenger.carried).toString(), 'a file')
      assert.match((await cli.run('doctor', '--wait', '0')).out, /It is in use by `hallig node`, so it works/)
      assert.equal(messenger.closed, false)
    })
  })

  it('fails as it would alone', async () => {
    await withHolder(new FakeMessenger(contact('Bob')), async (cli) => {
      assert.deepEqual(
        [(await cli.run('send', 'Carol', 'hi')).code, (await cli.run('add', 'nonsense')).code],
        [4, 5]
      )
    })
  })

  it('cannot be a second node, nor change what the first was started with', async () => {
    await withHolder(new FakeMessenger(), async (cli) => {
      for (const args of [['node'], ['init', '--mailbox', '1G']]) {
        const { code, err } = await cli.run(...args)
        assert.deepEqual([code, /`hallig node` \(process \d+, since .*end it first/.test(err)], [3, true])
      }
      const other = await cli.run('status', '--wait', '0', '--network', 'other')
      assert.equal(other.code, 2)
      assert.match(other.err, /takes part in the network main/)
      assert.equal((await cli.run('status', '--wait', '0', '--network', 'main')).code, 0)
      const { code, err } = await cli.run(
        'status',
        '--wait',
        '1',
        '--listen',
        '/ip4/0.0.0.0/tcp/1',
        '--no-lan'
      )
      assert.equal(code, 0)
      assert.match(err, /^--listen, --no-lan changes nothing here: `hallig node`/)
    })
  })

  it('has an address dialled, and says what became of it', async () => {
    const messenger = new FakeMessenger()
    const dialled: string[] = []
    messenger.statusFacts = {
      peers: [{ peer: 'x', address: 'x', direction: 'inbound', since: 0, takesPart: true }]
    }
    messenger.dial = async (address: string) => {
      dialled.push(address)
      return Promise.reject(new MessengerError('DIAL_FAILED', `Nobody answers at ${address}`))
    }
    await withHolder(messenger, async (cli) => {
      const { err } = await cli.run('status', '--bootstrap', '/ip4/1', '--bootstrap', '/ip4/2')
      assert.deepEqual(dialled, ['/ip4/1', '/ip4/2'])
      assert.match(err, /Nobody answers at \/ip4\/1\nNobody answers at \/ip4\/2/)
    })
  })

  it('asks for the passphrase, and is refused with a wrong one', async () => {
    const use = async (cli: CommandLine): Promise<void> => {
      cli.env = { HALLIG_PASSPHRASE: 'wrong' }
      const { code, err } = await cli.run('contacts')
      assert.deepEqual([code, err.includes('check the passphrase')], [3, true])
    }
    await withHolder(new FakeMessenger(), use, { passphrase: 'right' })
  })

  it('says that the other is of another version', async () => {
    const use = async (cli: CommandLine): Promise<void> => {
      const { code, err } = await cli.run('contacts')
      assert.equal(code, 3)
      assert.match(
        err,
        /`hallig node` \(process .*another version \(0\.9\) than this command \(1\.2\.3 on Node .*restart it/
      )
    }
    await withHolder(new FakeMessenger(), use, { release: '0.9' })
  })

  it('says that the other has ended when that was what it waited for', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    messenger.receive(message(1, 'hello'))
    await withHolder(messenger, async (cli, server) => {
      cli.onWrite = () => void server.close()
      const { code, err } = await cli.run('read', 'Bob', '--follow')
      assert.equal(code, 1)
      assert.match(err, /`hallig node` \(process \d+, since .* has ended, and with it this command/)
    })
  })

  it('has done what it says it has, even if the other ends while it waits for more', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    const { send } = messenger
    await withHolder(messenger, async (cli, server) => {
      messenger.send = async (...args) => {
        // Once the answer is on its way.
        setImmediate(() => void server.close())
        return await send.apply(messenger, args)
      }
      const { code, out } = await cli.run('send', 'Bob', 'hi')
      assert.deepEqual([code, out.startsWith('Queued: Bob is out of reach')], [0, true])
    })
  })

  it('destroys everything at once', async () => {
    const messenger = new FakeMessenger()
    const path = (cli: CommandLine): string => `${cli.directory}/store`
    const { createMessenger } = await import('../../src/index.js')
    await withHolder(messenger, async (cli) => {
      // The lock that `wipe` meets is that of a real store.
      const holder = await createMessenger({ path: path(cli), start: false, network: { lan: false } })
      messenger.wipe = async () => holder.wipe()
      assert.deepEqual(await cli.json('wipe', '--yes'), { directory: cli.directory, wiped: true })
      assert.match((await cli.run('status')).err, /no identity/)
    })
  })
})
