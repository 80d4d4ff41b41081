import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createMessenger } from '../../../src/index.js'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

describe('hallig wipe', () => {
  it('does nothing unless told so twice, and says what it would do', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const { code, err } = await cli.run('wipe')
      assert.equal(code, 2)
      assert.match(err, /wipe --yes/)
      assert.ok(existsSync(join(cli.directory, 'settings.json')))
    })
  })

  it('destroys store, key file and settings, and needs no passphrase', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const path = join(cli.directory, 'store')
      await (await createMessenger({ path, start: false, network: { lan: false } })).close()
      const messenger = await createMessenger({ path, start: false, network: { lan: false } })
      assert.equal((await cli.run('wipe', '--yes')).code, 3, 'not under a running one')
      await messenger.close()
      assert.deepEqual(await cli.json('wipe', '--yes'), { directory: cli.directory, wiped: true })
      for (const name of ['store', 'store.key', 'settings.json', 'running.json'])
        assert.ok(!existsSync(join(cli.directory, name)), name)
      assert.match((await cli.run('wipe', '--yes')).err, /no identity/)
    })
  })

  it('removes a store that is damaged, too', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const path = join(cli.directory, 'store')
      writeFileSync(join(path, 'CURRENT'), 'nonsense')
      writeFileSync(`${path}.key`, 'a key')
      assert.equal((await cli.run('wipe', '--yes')).code, 0)
      assert.ok(!existsSync(path) && !existsSync(`${path}.key`))
    })
  })
})
