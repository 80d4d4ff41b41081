import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger, idFor } from '../fake-messenger.js'

describe('hallig init', () => {
  it('makes an identity and says what is next', async () => {
    await withCommandLine(
      new FakeMessenger(),
      async (cli) => {
        const { code, out } = await cli.run('init', '--name', 'Alice')
        assert.equal(code, 0)
        assert.match(out, new RegExp(`${idFor('Alice')}, named Alice`))
        assert.match(out, /`hallig --dir \S+ card`/)
        const [options] = cli.opened
        assert.deepEqual([options?.name, options?.start, options?.unlock], ['Alice', false, undefined])
        assert.equal(options?.path, join(cli.directory, 'store'))
      },
      'empty'
    )
  })

  it('remembers how much is carried for others, and a call may say otherwise', async () => {
    await withCommandLine(
      new FakeMessenger(),
      async (cli) => {
        assert.equal((await cli.run('init', '--mailbox', 'plenty')).code, 2)
        await cli.run('init', '--mailbox', '2G', '--no-carrier', '--budget', '10M')
        const saved: unknown = JSON.parse(readFileSync(join(cli.directory, 'settings.json'), 'utf8'))
        assert.deepEqual(saved, {
          passphrase: false,
          carrier: false,
          mailbox: 2 * 1024 ** 3,
          budget: 10 * 1024 ** 2
        })
        await cli.run('contacts')
        assert.equal(cli.opened.at(-1)?.carrier, false)
      },
      'empty'
    )
  })

  it('says the second time that there is one already', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const { code, out } = await cli.run('init')
      assert.equal(code, 0)
      assert.match(out, /already/)
      assert.match(out, /Nothing was made anew/)
      const renamed = await cli.run('init', '--name', 'Alba')
      assert.match(renamed.out, /named Alba\.\nRemembered from now on: --name\. It is the same identity/)
      assert.equal(cli.messenger.name, 'Alba')
    })
  })

  it('remembers the passphrase and the network for later commands', async () => {
    await withCommandLine(
      new FakeMessenger(),
      async (cli) => {
        cli.env = { HALLIG_PASSPHRASE: 'sesame' }
        await cli.run(
          'init',
          '--passphrase',
          '--network',
          'isle',
          '--no-lan',
          '--listen',
          '/ip4/1.2.3.4/tcp/9'
        )
        const saved: unknown = JSON.parse(readFileSync(join(cli.directory, 'settings.json'), 'utf8'))
        assert.deepEqual(saved, {
          passphrase: true,
          network: 'isle',
          lan: false,
          listen: ['/ip4/1.2.3.4/tcp/9']
        })
        assert.ok(!JSON.stringify(saved).includes('sesame'))
        await cli.run('contacts')
        const options = cli.opened.at(-1)
        assert.deepEqual(options?.unlock, { kind: 'passphrase', passphrase: 'sesame' })
        assert.deepEqual(options.network, { name: 'isle', lan: false, listen: ['/ip4/1.2.3.4/tcp/9'] })
        cli.env = {}
        assert.equal((await cli.run('contacts')).code, 3)
      },
      'empty'
    )
  })

  it('remembers what an existing identity is told anew, and keeps the rest', async () => {
    await withCommandLine(
      new FakeMessenger(),
      async (cli) => {
        const saved = (): unknown => JSON.parse(readFileSync(join(cli.directory, 'settings.json'), 'utf8'))
        await cli.run('init', '--no-carrier', '--budget', '10M')
        const { code, out } = await cli.run('init', '--listen', '/ip4/1.2.3.4/tcp/9', '--no-lan')
        assert.deepEqual([code, out.includes('Remembered from now on: --listen, --no-lan.')], [0, true])
        const address = { listen: ['/ip4/1.2.3.4/tcp/9'], lan: false }
        assert.deepEqual(saved(), { passphrase: false, carrier: false, budget: 10 * 1024 ** 2, ...address })
        await cli.run('init', '--mailbox', '2G')
        const mailbox = { mailbox: 2 * 1024 ** 3 }
        assert.deepEqual(saved(), { passphrase: false, budget: 10 * 1024 ** 2, ...address, ...mailbox })
      },
      'empty'
    )
  })

  it('refuses to seem to protect an identity that opens with its key file', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      cli.env = { HALLIG_PASSPHRASE: 'sesame' }
      const { code, err } = await cli.run('init', '--passphrase')
      assert.deepEqual([code, err.includes('key file, and stays so')], [2, true])
    })
  })
})
