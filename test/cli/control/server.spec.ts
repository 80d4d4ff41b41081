import assert from 'node:assert/strict'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { serialize } from 'node:v8'
import { encodeFrame } from '../../../src/cli/control/frame.js'
import { encodeHello } from '../../../src/cli/control/hello.js'
import { contact, FakeMessenger } from '../fake-messenger.js'
import { closing, dialUntilAborted, framed, Served, withServed } from './served.js'

const HELLO = framed(encodeHello({ release: '1' }))

describe('what serves other commands', () => {
  it('is to be entered by its owner alone, and leaves nothing behind', async function () {
    if (process.platform === 'win32') this.skip()
    const served = new Served(new FakeMessenger())
    await served.server.listen()
    const folder = join(served.directory, 'control')
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.equal(statSync(join(folder, 'socket')).mode & 0o777, 0o600)
    await served.server.close()
    assert.ok(!existsSync(folder))
    assert.equal((await served.hello()).kind, 'nobody')
  })

  it('says of which version it is to another', async () => {
    await withServed(new FakeMessenger(), async (served) => {
      assert.deepEqual(await served.hello({ release: '2' }), { kind: 'other-release', release: '1' })
    })
  })

  it('lets in who knows the passphrase', async () => {
    await withServed(
      new FakeMessenger(),
      async (served) => {
        for (const more of [{}, { passphrase: 'wrong' }]) {
          const answer = await served.hello(more)
          assert.equal(answer.kind === 'refused' && 'code' in answer.error && answer.error.code, 'WRONG_KEY')
        }
        const answer = await served.hello({ passphrase: 'right' })
        if (answer.kind !== 'connected') assert.fail(answer.kind)
        await answer.messenger.close()
      },
      { passphrase: 'right' }
    )
  })

  it('destroys everything for whoever reaches it, of any version and without a passphrase', async () => {
    const messenger = new FakeMessenger()
    await withServed(
      messenger,
      async (served) => {
        assert.deepEqual(await served.hello({ release: '2', wipe: true }), { kind: 'wiped' })
        assert.deepEqual([messenger.closed, served.wiped], [true, 1])
        messenger.wipe = async () => Promise.reject(new Error('the disk is gone'))
        const answer = await served.hello({ wipe: true })
        assert.equal(answer.kind === 'refused' && answer.error.message, 'the disk is gone')
        assert.equal(served.wiped, 2)
      },
      { passphrase: 'right' }
    )
  })

  it('hangs up on whatever keeps to no rule, and goes on', async () => {
    await withServed(new FakeMessenger(contact('Bob')), async (served) => {
      const said: Uint8Array[][] = [
        [Buffer.from(`GET /${'x'.repeat(100)} HTTP/1.1\r\n\r\n`)],
        [Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f)],
        [framed(Buffer.from('{"release":1}'))],
        [HELLO, framed(Buffer.from('no frame'))],
        [HELLO, framed(serialize({ a: 1 }))],
        [HELLO, framed(serialize(['request', 'x', 'status', []]))],
        [HELLO, framed(serialize(['request', 1, 'status', 'x']))],
        [HELLO, Uint8Array.of(0xff, 0xff, 0xff, 0x7f)]
      ]
      for (const bytes of said) {
        const socket = await served.raw()
        socket.write(Buffer.concat(bytes))
        await closing(socket)
      }
      const distant = await served.connect()
      assert.equal((await distant.contacts.list()).length, 1)
    })
  })

  it('does nothing that is not on its list', async () => {
    const messenger = new FakeMessenger()
    await withServed(messenger, async (served) => {
      const socket = await served.raw()
      const names = [
        'close',
        'wipe',
        'stop',
        'constructor',
        '__proto__',
        'toString',
        'contacts',
        'contacts.add.call'
      ]
      socket.write(
        Buffer.concat([HELLO, ...names.map((name, id) => framed(encodeFrame(['request', id, name, []])))])
      )
      let answers = ''
      await new Promise<void>((resolve) => {
        socket.on('data', (bytes: Buffer) => {
          answers += bytes.toString('latin1')
          if (answers.split('OPTIONS_INVALID').length === names.length + 1) resolve()
        })
      })
      assert.equal(messenger.closed, false)
      socket.destroy()
    })
  })

  it('hangs up on who asks for more at once than any command does', async () => {
    const messenger = new FakeMessenger()
    const ended = dialUntilAborted(messenger)
    await withServed(messenger, async (served) => {
      const socket = await served.raw()
      const asked = Array.from({ length: 65 }, (_, id) => framed(encodeFrame(['request', id, 'dial', ['x']])))
      socket.write(Buffer.concat([HELLO, ...asked]))
      await closing(socket)
      assert.equal(ended(), 64)
    })
  })

  it('has room for many commands, and says so to one too many', async () => {
    await withServed(new FakeMessenger(), async (served) => {
      const all = await Promise.all(Array.from({ length: 32 }, async () => served.connect()))
      const answer = await served.hello()
      assert.equal(answer.kind === 'refused' && 'code' in answer.error && answer.error.code, 'STORE_LOCKED')
      await Promise.all(all.map(async (distant) => distant.status()))
      await all[0]?.close()
      // The place is free as soon as its hanging up was noticed.
      while ((await served.hello()).kind !== 'connected');
    })
  })

  it('ends what a command that was killed had asked for', async () => {
    const messenger = new FakeMessenger()
    const imported = new Promise<string>((resolve) => {
      messenger.importParcels = async (source) => {
        try {
          for await (const { length } of source) assert.fail(String(length))
        } catch (error) {
          resolve(String(error))
        }
        return messenger.imported
      }
    })
    await withServed(messenger, async (served) => {
      const socket = await served.raw()
      socket.write(Buffer.concat([HELLO, framed(encodeFrame(['request', 1, 'importParcels', [1]]))]))
      // The welcome, and that it wants a piece.
      await new Promise((resolve) => socket.once('data', resolve))
      socket.destroy()
      assert.match(await imported, /The command that asked for this has ended/)
    })
  })

  it('gives up a command that does not read what it is told', async () => {
    const messenger = new FakeMessenger(contact('Bob'))
    await withServed(messenger, async (served) => {
      const socket = await served.raw()
      socket.pause()
      socket.write(Buffer.concat([HELLO, framed(encodeFrame(['request', 1, 'listen', ['message:update']]))]))
      while (messenger.listenerCount('message:update') === 0)
        await new Promise((resolve) => setImmediate(resolve))
      const long = { ...(await messenger.send(contact('Bob').conversationId, 'x'.repeat(100_000))) }
      const detail = { ...long, content: { kind: 'text', text: 'x'.repeat(100_000) } as const }
      for (let times = 0; messenger.listenerCount('message:update') > 0; times++) {
        assert.ok(times < 10_000)
        messenger.safeDispatchEvent('message:update', { detail })
        await new Promise((resolve) => setImmediate(resolve))
      }
      socket.destroy()
    })
  })

  it('ends with a command that waits for something', async () => {
    const messenger = new FakeMessenger()
    messenger.dial = async (_address: string, { signal }: { signal?: AbortSignal } = {}) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      })
    await withServed(messenger, async (served) => {
      const distant = await served.connect()
      const dialled = assert.rejects(distant.dial('/ip4/1'), { message: 'aborted' })
      await distant.status()
      await Promise.all([served.server.close(), dialled])
      await distant.ended
    })
  })
})
