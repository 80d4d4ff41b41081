import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readQrPicture } from '../../../src/cli/picture.js'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

const SHORT = `hallig:${'s'.repeat(280)}`

describe('hallig card', () => {
  it('prints the link alone into a pipe', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      assert.equal((await cli.run('card')).out, `${SHORT}\n`)
      assert.deepEqual(await cli.json('card', '--full', '--reusable'), {
        link: `hallig:${'f'.repeat(2400)}r`,
        size: 'full',
        reusable: true
      })
    })
  })

  it('draws the code in a terminal, unless asked not to or too narrow', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      cli.terminal = true
      const short = await cli.run('card')
      assert.match(short.out, /█[^]*hallig:s/)
      assert.match(short.err, /needs a terminal \d+ rows high \(this one has 30\).*--png/)
      cli.rows = 60
      assert.doesNotMatch((await cli.run('card')).err, /--png/)
      assert.doesNotMatch((await cli.run('card', '--no-qr')).out, /█/)
      const full = await cli.run('card', '--full')
      assert.doesNotMatch(full.out, /█/)
      assert.match(full.err, /--png/)
    })
  })

  it('writes a picture that reads back', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const file = join(cli.directory, 'card.png')
      assert.match((await cli.run('card', '--png', file)).out, /The QR code is in .*card\.png/)
      assert.equal(readQrPicture(readFileSync(file)), SHORT)
      const nowhere = await cli.run('card', '--png', join(cli.directory, 'no', 'where.png'))
      assert.equal(nowhere.code, 6)
      assert.match(nowhere.err, /There is no folder for .*where\.png; check the spelling/)
    })
  })

  it('starts the network only where it listens on an address worth giving', async () => {
    const messenger = new FakeMessenger()
    await withCommandLine(messenger, async (cli) => {
      await cli.run('card')
      assert.ok(!messenger.started)
      await cli.run('card', '--listen', '/ip4/0.0.0.0/tcp/4040')
      assert.ok(messenger.started)
    })
  })
})
