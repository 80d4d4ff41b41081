import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { MessengerError } from '../../../src/index.js'
import { withCommandLine } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

describe('hallig import', () => {
  it('takes files one after the other and says what was in each', async () => {
    const messenger = new FakeMessenger()
    await withCommandLine(messenger, async (cli) => {
      const files = ['one', 'two'].map((name) => join(cli.directory, name))
      for (const file of files) writeFileSync(file, file)
      const { code, out } = await cli.run('import', ...files)
      assert.equal(code, 0)
      const [first = '', second = ''] = files
      const read = `hallig --dir ${cli.directory} read`
      const rest = `4 envelopes, 3 new, 1 known. 2 were for you, messages or receipts: \`${read}\`.`
      assert.equal(out, `${first}: ${rest}\n${second}: ${rest}\n`)
      assert.equal(Buffer.from(messenger.carried).toString(), second)
      assert.ok(!messenger.started)
    })
  })

  it('answers in JSON, and reads a pipe', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      cli.stdin.end('through a pipe')
      assert.deepEqual(await cli.json('import', '-'), {
        file: '-',
        bytes: 14,
        read: 4,
        taken: 3,
        known: 1,
        refused: 0,
        opened: 2,
        damaged: 0,
        complete: true
      })
    })
  })

  it('leaves with an exit code of its own if a file is cut off, having taken the others', async () => {
    const messenger = new FakeMessenger()
    messenger.imported = { ...messenger.imported, complete: false, refused: 1, opened: 1 }
    await withCommandLine(messenger, async (cli) => {
      const file = join(cli.directory, 'cut')
      writeFileSync(file, 'x')
      const { code, out, err } = await cli.run('import', file, file)
      assert.equal(code, 6)
      assert.match(out, /1 refused: expired, or no envelopes\. 1 was for you/)
      assert.equal(out.split('\n').length, 3)
      assert.match(err, /cut off or damaged; what could be read was taken/)
    })
  })

  it('names the file that is none, or is not there', async () => {
    const messenger = new FakeMessenger()
    messenger.importRefusal = new MessengerError('FILE_INVALID', 'This is no file')
    await withCommandLine(messenger, async (cli) => {
      const file = join(cli.directory, 'photo')
      writeFileSync(file, 'x')
      const refused = await cli.run('import', file)
      assert.equal(refused.code, 6)
      assert.ok(refused.err.startsWith(`hallig: ${file} is no file that Hallig exported; `))
      assert.match(refused.err, /pictures of its QR codes to `hallig import --qr`/)
      const missing = await cli.run('import', join(cli.directory, 'nothing'))
      assert.deepEqual([missing.code, missing.err.includes('mounted')], [6, true])
      const folder = await cli.run('import', cli.directory)
      assert.deepEqual(
        [folder.code, folder.err.includes('is a folder') && folder.err.includes('--qr')],
        [6, true]
      )
      const frames = await cli.run('import', '--qr', file)
      assert.deepEqual([frames.code, frames.err.includes('No frames')], [6, true])
      assert.equal((await cli.run('import')).code, 2)
    })
  })

  it('prints no escape sequence and no line that a name on the stick holds', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const good = join(cli.directory, 'a\u001b[31m\u202eb\nc')
      writeFileSync(good, 'x')
      const empty = join(cli.directory, 'd\nhallig: all taken')
      writeFileSync(empty, '')
      const absent = `${cli.directory}/e\nf`
      const folder = join(cli.directory, 'g\nh')
      mkdirSync(folder)
      const { out, err } = await cli.run('import', good, empty, absent, folder)
      assert.ok(out.startsWith(`${join(cli.directory, 'ab c')}: 4 envelopes`))
      assert.equal(err.trimEnd().split('\n').length, 1)
    })
  })

  it('says of an empty file that it was not copied whole', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const file = join(cli.directory, 'empty')
      writeFileSync(file, '')
      const { code, err } = await cli.run('import', file)
      assert.deepEqual([code, err.includes(`${file} is empty: copy it again`)], [6, true])
    })
  })

  it('names a few of many that are none, as where `--qr` was forgotten', async () => {
    const messenger = new FakeMessenger()
    messenger.importRefusal = new MessengerError('FILE_INVALID', 'This is no file')
    await withCommandLine(messenger, async (cli) => {
      const pictures = ['1', '2', '3', '4', '5'].map((name) => join(cli.directory, name))
      for (const picture of pictures) writeFileSync(picture, 'x')
      const { code, err } = await cli.run('import', ...pictures)
      assert.equal(code, 6)
      assert.match(err, /\/1, \S+\/2, \S+\/3 and 2 more are no files that Hallig exported; [^.]*\n$/)
    })
  })

  it('takes the others where one is none, and says so of each', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      const [absent, good] = ['absent', 'good'].map((name) => join(cli.directory, name))
      writeFileSync(good ?? '', 'x')
      const { code, out, err } = await cli.run('import', absent ?? '', good ?? '', cli.directory)
      assert.equal(code, 6)
      assert.match(out, /good: 4 envelopes/)
      assert.match(err, /There is no .*absent;.*\. .* is a folder;/)
    })
  })

  it('ends at once when it is the store that fails', async () => {
    const messenger = new FakeMessenger()
    messenger.importRefusal = new MessengerError('STORE_FULL', 'No room')
    await withCommandLine(messenger, async (cli) => {
      const files = ['one', 'two'].map((name) => join(cli.directory, name))
      for (const file of files) writeFileSync(file, file)
      assert.equal((await cli.run('import', ...files)).code, 3)
      assert.equal(Buffer.from(messenger.carried).toString(), files[0])
    })
  })

  it('shows how far it is on a terminal', async () => {
    await withCommandLine(new FakeMessenger(), async (cli) => {
      cli.terminal = true
      const file = join(cli.directory, 'big')
      writeFileSync(file, 'x'.repeat(200))
      assert.match((await cli.run('import', file)).err, /4 envelopes read, 100 %/)
    })
  })
})
