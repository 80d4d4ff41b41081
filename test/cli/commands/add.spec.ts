import assert from 'node:assert/strict'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

describe('hallig add', () => {
  it('adds a contact and says how to go on', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const { code, out } = await cli.run('add', 'hallig:abc', '--name', 'Bo')
      assert.equal(code, 0)
      assert.match(
        out,
        /^Bo \(.*\) is a contact now\.\nTalk: `hallig --dir \S+ chat Bo`\nMake sure .*: `hallig --dir \S+ verify Bo`\n$/
      )
    })
  })

  it('takes the link from stdin', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      cli.stdin.end('hallig:abc\n')
      assert.equal((await cli.run('add', '-')).code, 0)
    })
  })

  it('leaves with 5 if the card is none', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      assert.equal((await cli.run('add', 'nonsense')).code, 5)
      cli.stdin.end('nonsense')
      const { code, err } = await cli.run('add', '-')
      assert.deepEqual([code, err], [5, 'hallig: This is not a contact card\n'])
    })
  })
})
