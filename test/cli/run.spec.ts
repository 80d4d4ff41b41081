import assert from 'node:assert/strict'
import { withCommandLine } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

describe('the command line', () => {
  it('prints its version and its help with the exit codes', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      assert.deepEqual(await cli.run('--version'), { code: 0, out: '1.2.3\n', err: '' })
      const { code, out } = await cli.run('--help')
      assert.equal(code, 0)
      for (const word of ['init', 'chat', 'Exit codes:', 'HALLIG_DIR', '--no-lan'])
        assert.ok(out.includes(word), word)
      // What commander does not wrap must fit a terminal as it stands.
      const epilogue = out.slice(out.indexOf('First steps:')).split('\n')
      assert.deepEqual(
        epilogue.filter((line) => line.length > 79),
        []
      )
    })
  })

  it('calls a wrong command line wrong, in one sentence, with 2', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const { code, out, err } = await cli.run('sned')
      assert.deepEqual([code, out], [2, ''])
      assert.equal(
        err,
        "hallig: Unknown command 'sned'. Did you mean send? `hallig --help` lists everything\n"
      )
      const missing = await cli.run('send', 'Bob')
      assert.deepEqual(
        [missing.code, missing.err],
        [2, "hallig: Missing required argument 'text'. `hallig send --help` says how it is used\n"]
      )
      assert.match(
        (await cli.run('verify', 'Bob', 'Miller')).err,
        /Put what has spaces in it between quotes\./
      )
      assert.doesNotMatch((await cli.run('contacts', 'all')).err, /quotes/)
      assert.equal((await cli.run('status', '--wait', 'long')).code, 2)
      assert.equal((await cli.run('--nonsense')).code, 2)
      assert.equal((await cli.run('--dir', '', 'wipe', '--yes')).code, 2)
      assert.equal((await cli.run()).code, 2)
    })
  })

  it('does so in JSON if JSON was asked for', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const { code, err } = await cli.run('send', '--json')
      assert.equal(code, 2)
      assert.equal((JSON.parse(err) as { error: { code: string } }).error.code, 'USAGE')
      const { err: alone } = await cli.run('--json')
      assert.equal((JSON.parse(alone) as { error: { code: string } }).error.code, 'USAGE')
    })
  })
})
