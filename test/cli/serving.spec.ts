import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import type { Call } from '../../src/cli/call.js'
import { connectToHolder } from '../../src/cli/control/connect.js'
import { releaseOf } from '../../src/cli/control/hello.js'
import { createOutput } from '../../src/cli/output.js'
import { serving } from '../../src/cli/serving.js'
import { CommandLine, Page } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

describe('a command that lets others work with its messenger', () => {
  const messenger = new FakeMessenger()
  let cli: CommandLine
  let page: Page
  let call: Call

  beforeEach(() => {
    cli = new CommandLine(messenger)
    page = new Page()
    const surroundings = { ...cli.surroundings(page, page), platform: process.platform }
    const options = { directory: cli.directory, json: false, lan: true, carrier: true }
    call = { command: 'node', options, output: createOutput(surroundings, false), surroundings }
  })
  afterEach(() => cli.end())

  const hello = async (more: { wipe?: boolean } = {}) => {
    const said = { release: releaseOf('1.2.3'), ...more }
    return await connectToHolder(cli.directory, process.platform, said, () => new Error('lost'))
  }

  it('does so until it ends', async () => {
    const kind = await serving(call, messenger, undefined, async () => {
      const answer = await hello()
      if (answer.kind === 'connected') await answer.messenger.close()
      return answer.kind
    })
    assert.equal(kind, 'connected')
    assert.equal((await hello()).kind, 'nobody')
    await assert.rejects(
      serving(call, messenger, undefined, async () => Promise.reject(new Error('no'))),
      { message: 'no' }
    )
    assert.equal((await hello()).kind, 'nobody')
  })

  it('ends when another has destroyed everything', async () => {
    const ended = new Promise<void>((resolve) => process.once('SIGTERM', () => resolve()))
    await serving(call, messenger, undefined, async () => {
      assert.deepEqual(await hello({ wipe: true }), { kind: 'wiped' })
      await ended
    })
  })

  it('goes on alone where there can be no socket, and says so', async () => {
    rmSync(cli.directory, { recursive: true })
    assert.equal(await serving(call, messenger, undefined, async () => Promise.resolve(5)), 5)
    assert.match(page.text, /Other commands have to wait until this one ends: .*ENOENT/)
  })
})
