import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { contact, FakeMessenger, idFor } from '../fake-messenger.js'
import { withCommandLine, type Outcome } from '../command-line.js'

function carrying(bytes: number): FakeMessenger {
  const messenger = new FakeMessenger(contact('Bob'))
  messenger.carried = Uint8Array.from({ length: bytes }, (_, n) => n % 251)
  return messenger
}

describe('hallig export', () => {
  it('writes a file without starting the network, and says what is in it', async () => {
    const messenger = carrying(5000)
    await withCommandLine(messenger, async (cli) => {
      const file = join(cli.directory, 'stick')
      const { code, out, err } = await cli.run('export', file)
      assert.equal(code, 0, err)
      assert.equal(out, `5000 envelopes (4.9 KiB) in ${file}.\n`)
      assert.match(err, /hallig import/)
      assert.deepEqual(new Uint8Array(readFileSync(file)), messenger.carried)
      assert.ok(!messenger.started)
      assert.deepEqual(await cli.json('export', file), { file, envelopes: 5000, bytes: 5000, left: 0 })
    })
  })

  it('writes only what is for one contact, and knows whom', async () => {
    const messenger = carrying(100)
    await withCommandLine(messenger, async (cli) => {
      const file = join(cli.directory, 'stick')
      await cli.run('export', file, '--contact', 'bob')
      assert.equal(messenger.calls.at(-1), `export ${idFor('Bob')} Infinity`)
      assert.equal((await cli.run('export', file, '--contact', 'Dora')).code, 4)
    })
  })

  it('says when there is nothing to carry', async () => {
    await withCommandLine(carrying(0), async (cli) => {
      assert.match(
        (await cli.run('export', join(cli.directory, 'stick'))).err,
        /Nothing waits here for anybody/
      )
      assert.match((await cli.run('export', '--qr', '--contact', 'Bob')).out, /Nothing waits here for Bob/)
    })
  })

  it('says whose messages are in no file, as their keys are not here', async () => {
    const unmet = contact('Carol', { session: 'waiting-for-bundle' })
    for (const bytes of [0, 100]) {
      const messenger = carrying(bytes)
      messenger.people.push(unmet, contact('Dora', { session: 'waiting-for-bundle' }))
      await withCommandLine(messenger, async (cli) => {
        const file = join(cli.directory, 'stick')
        assert.doesNotMatch((await cli.run('export', file)).err, /--full/)
        await messenger.send(unmet.conversationId, 'hi')
        for (const whom of [[], ['--contact', 'Carol']]) {
          const { err } = await cli.run('export', file, ...whom)
          assert.match(err, /What waits for Carol is in no file yet.*`hallig card --full`/)
          assert.equal(err.includes('Sealed'), bytes > 0)
          assert.ok(!err.includes('Nothing'))
        }
        assert.doesNotMatch((await cli.run('export', file, '--contact', 'Bob')).err, /--full/)
        if (bytes === 0) assert.match((await cli.run('export', '--qr')).out, /What waits for Carol/)
      })
    }
  })

  it('goes through a pipe, and not onto a screen', async () => {
    await withCommandLine(carrying(3000), async (cli) => {
      const { out, err } = await cli.run('export', '-')
      assert.equal(out.length > 2000, true)
      assert.match(err, /written/)
      cli.terminal = true
      assert.equal((await cli.run('export', '-')).code, 2)
    })
  })

  it('says which exit code and sentence belong to a place that takes no file', async () => {
    await withCommandLine(carrying(10), async (cli) => {
      const { code, err } = await cli.run('export', join(cli.directory, 'no', 'where'))
      assert.equal(code, 6)
      assert.match(err, /no folder/)
    })
  })

  it('takes a file or --qr, and --frames only with the latter', async () => {
    await withCommandLine(carrying(10), async (cli) => {
      for (const args of [[], ['a', '--qr'], ['a', '--frames', 'b'], ['--frames', 'b']])
        assert.equal((await cli.run('export', ...args)).code, 2)
    })
  })

  it('writes a few kilobytes as pictures, or as lines into a pipe, and says what did not fit', async () => {
    await withCommandLine(carrying(9000), async (cli) => {
      const folder = join(cli.directory, 'frames')
      const { out, err } = await cli.run('export', '--qr', '--frames', folder)
      assert.ok(err.includes(`\`hallig import --qr ${folder}\``))
      assert.match(out, /8192 envelopes \(8 KiB\) in 164 pictures/)
      assert.match(err, /808 envelopes did not fit/)
      const lines = (await cli.run('export', '--qr')).out.trim().split('\n')
      assert.equal(lines.length, 164)
      cli.stdin.end(lines.filter((_, n) => n % 5 < 3).join('\n'))
      await cli.run('import', '--qr', '-')
      assert.equal(cli.messenger.carried.length, 8192)
      cli.messenger.carried = new Uint8Array(0)
      assert.equal((await cli.run('import', '--qr', folder)).code, 0)
      assert.equal(cli.messenger.carried.length, 8192)
    })
  }).timeout(60_000)

  /** `export --qr` in a terminal, where a key is pressed once `isEnough` of what was written. */
  async function show(isEnough: (written: string) => boolean): Promise<Outcome & { readonly text: string }> {
    let outcome: Outcome | undefined
    await withCommandLine(carrying(2000), async (cli) => {
      cli.terminal = true
      cli.stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
      cli.onWrite = (written) => {
        if (isEnough(stripVTControlCharacters(written))) cli.stdin.write('q')
      }
      outcome = await cli.run('export', '--qr')
    })
    assert.ok(outcome)
    return { ...outcome, text: stripVTControlCharacters(outcome.out) }
  }

  it('shows changing codes in a terminal until a key is pressed, and says how to read them', async () => {
    const { code, text, err } = await show((written) => /frame (\d+) of at least \1,/.test(written))
    assert.equal(code, 0)
    assert.match(text, /frame 2 of at least \d+, \d+ s; any key ends; fewer in a larger window/)
    assert.match(text, /▀/)
    assert.match(text, /2000 envelopes \(2 KiB\) shown in \d+ frames/)
    assert.match(err, /On the other side:\n {2}`hallig import --qr <pictures of them>`/)
  })

  it('says so when too few of them were shown to be read by anybody', async () => {
    const { code, text } = await show((written) => written.includes('frame 2 of'))
    assert.equal(code, 0)
    assert.match(text, /2 of at least \d+ frames were shown, which take \d+ s: nobody has the 2000 envelopes/)
  })
})
