import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chownSync, existsSync, mkdirSync, rmSync, statSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { makeSocketPlace, withSocketPath } from '../../src/cli/control/socket-place.js'
import { writeHolder } from '../../src/cli/holder.js'
import { MessengerError } from '../../src/index.js'
import { withCommandLine } from './command-line.js'
import { contact, FakeMessenger } from './fake-messenger.js'

describe('opening the messenger', () => {
  it('is refused before init', async () => {
    await withCommandLine(
      new FakeMessenger(),
      async (cli) => {
        const { code, err } = await cli.run('contacts')
        assert.equal(code, 3)
        assert.match(err, /`hallig --dir \S+ init`/)
      },
      'empty'
    )
  })

  it('makes no other identity where the store is gone', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const store = join(cli.directory, 'store')
      rmSync(store, { recursive: true })
      for (const args of [['status'], ['init', '--name', 'Carol'], ['card']]) {
        const { code, err } = await cli.run(...args)
        assert.deepEqual([code, err.includes(`${store} is not there`)], [3, true])
      }
      // An unmounted disk leaves the folder it is mounted on.
      mkdirSync(store)
      assert.equal((await cli.run('status')).code, 3)
      assert.equal(cli.opened.length, 1)
    })
  })

  it('closes it again, and starts the network only where it is needed', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withCommandLine(messenger, async (cli) => {
      await cli.run('contacts')
      assert.deepEqual([messenger.started, messenger.closed], [false, true])
      await cli.run('send', 'Bob', 'hi', '--wait', '0')
      assert.ok(messenger.started)
    })
  })

  it('closes it after a failure, too, and leaves no note', async () => {
    const messenger = new FakeMessenger()
    await withCommandLine(messenger, async (cli) => {
      messenger.closed = false
      assert.equal((await cli.run('verify', 'nobody')).code, 4)
      assert.ok(messenger.closed)
      assert.ok(!existsSync(join(cli.directory, 'running.json')))
    })
  })

  it('names the command that has the store open', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      await writeHolder(cli.directory, 'chat', Date.now())
      cli.refusal = new MessengerError('STORE_LOCKED', 'locked')
      const { code, err } = await cli.run('contacts')
      assert.equal(code, 3)
      assert.match(
        err,
        /`hallig chat` \(process \d+, since \d\d:\d\d\) is using .*end it first, or do it there/
      )
      // A node that takes no others, as one of an older version.
      await writeHolder(cli.directory, 'node', Date.now())
      assert.match((await cli.run('contacts')).err, /`hallig node` .*; end it first\n/)
    })
  })

  it('waits for one that is just ending', async () => {
    await withCommandLine(new FakeMessenger(contact('Bob')), async (cli) => {
      cli.refusal = new MessengerError('STORE_LOCKED', 'locked')
      cli.patience = 100_000
      cli.onRefusal = () => {
        cli.refusal = undefined
      }
      assert.match((await cli.run('contacts')).out, /^Bob/)
    })
  })

  it('says for whom it waits, one that does not answer too, and goes on when that has ended', async () => {
    await withCommandLine(new FakeMessenger(contact('Bob')), async (cli) => {
      await writeHolder(cli.directory, 'node', Date.now())
      cli.refusal = new MessengerError('STORE_LOCKED', 'locked')
      const connections: Socket[] = []
      // As one that is stopped: the system takes its connections.
      const mute = createServer((socket) => connections.push(socket))
      await makeSocketPlace(cli.directory, 'linux')
      await withSocketPath(cli.directory, 'linux', async (path) => {
        await once(mute.listen(path), 'listening')
      })
      cli.onRemark = () => {
        cli.refusal = undefined
        for (const socket of connections) socket.destroy()
      }
      cli.patience = 100_000
      const { code, out, err } = await cli.run('contacts')
      mute.close()
      assert.equal(code, 0)
      assert.match(out, /^Bob/)
      assert.match(
        err,
        /^`hallig node` \(process \d+, since \d\d:\d\d\) is using \S+; waiting until it answers or ends\n$/
      )
    })
  })

  it('keeps root from leaving what the owner of the store cannot open', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const store = join(cli.directory, 'store')
      if (process.geteuid?.() === 0) chownSync(store, 1000, 1000)
      const { uid } = statSync(store)
      cli.user = 0
      for (const args of [['status'], ['init', '--mailbox', '1G']]) {
        const { code, err } = await cli.run(...args)
        assert.deepEqual([code, err.includes(`\`sudo -u '#${String(uid)}'\``)], [3, true])
      }
      assert.equal(cli.opened.length, 1)
      cli.user = uid
      assert.equal((await cli.run('status', '--wait', '0')).code, 0)
    })
  })

  it('goes on where no note can be left', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      mkdirSync(join(cli.directory, 'running.json'))
      assert.equal((await cli.run('contacts')).code, 0)
    })
  })

  it('says another process where nobody left a note', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      cli.refusal = new MessengerError('STORE_LOCKED', 'locked')
      assert.match((await cli.run('status')).err, /^hallig: Another process is using/)
    })
  })
})
