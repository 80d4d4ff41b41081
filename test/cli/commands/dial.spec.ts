import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

describe('hallig dial', () => {
  it('says that a node answered', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      assert.equal(
        (await cli.run('dial', '/ip4/1.2.3.4/tcp/5')).out,
        'A node answers at /ip4/1.2.3.4/tcp/5.\n'
      )
      assert.equal((await cli.run('dial', 'nonsense')).code, 2)
    })
  })
})
