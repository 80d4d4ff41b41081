import assert from 'node:assert/strict'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'
import { run, type Run } from '../support/package-run.js'
import { exampleFile, startExample } from './program.js'

/** It promises to take less than a minute; where many tests run at once it may take longer. */
const LIMIT_MS = 120_000

describe('the demonstration', function () {
  this.timeout(LIMIT_MS + 10_000)
  let directory: TemporaryDirectory
  /** Where it puts its stores, and must leave nothing. */
  let scratch: string
  beforeEach(async () => {
    directory = await temporaryDirectory()
    scratch = join(directory.path, 'tmp')
    await mkdir(scratch)
  })
  afterEach(() => directory.remove())

  function demonstrate(...args: readonly string[]): Promise<Run> {
    return run(process.execPath, [exampleFile('demo/main.js'), ...args], {
      cwd: directory.path,
      timeout: LIMIT_MS,
      env: { ...process.env, TMPDIR: scratch }
    })
  }

  it('succeeds, sums up, and leaves nothing behind', async () => {
    const { code, output } = await demonstrate()
    assert.equal(code, 0, output)
    assert.match(output, /^ {2}messages +250 +200$/m)
    assert.match(output, /^ {2}delivered +250 +200$/m)
    assert.match(output, /^ {2}read +250 +200$/m)
    assert.match(output, /^ {2}lost +0 +0$/m)
    assert.match(output, /^ {2}duplicates +0 +0$/m)
    assert.match(output, /^ {2}out of order +0 +0$/m)
    assert.match(output, /is killed with SIGKILL/)
    assert.match(output, /have the same: nobody sits between them/)
    assert.match(inOneLine(output), /any 8 in a row: found 0/)
    assert.match(output, /Every message was delivered exactly once and in order\.\n$/)
    assert.ok(
      output.split('\n').every((line) => line.length <= 80),
      output
    )
    assert.ok(!output.includes('\u001b'), 'no colours where nobody looks')
    assert.deepEqual(await readdir(scratch), [])
  })

  it('succeeds without multicast, and says that an address had to help', async () => {
    const { code, output } = await demonstrate('--no-multicast', '--messages', '20')
    assert.equal(code, 0, output)
    assert.match(inOneLine(output), /may not use multicast: dials Alice at \S+ as a bootstrap address/)
    assert.doesNotMatch(inOneLine(output), /by multicast/)
  })

  it('fails with a sentence when Bob does not come back, and leaves nothing behind', async () => {
    const { code, output } = await demonstrate('--without-return', '--messages', '20')
    assert.equal(code, 1, output)
    assert.match(
      inOneLine(output),
      /Failed: Bob did not get what was sent while he was away: the process has ended \(SIGKILL\) $/
    )
    assert.doesNotMatch(output, /Every message was delivered/)
    assert.deepEqual(await readdir(scratch), [])
  })

  for (const [signal, wanted] of [
    ['SIGINT', '130'],
    ['SIGTERM', '143']
  ] as const) {
    it(`leaves nothing behind when ${signal} ends it in the middle`, async () => {
      const demo = startExample('demo/main.js', ['--messages', '5000'], directory.path, { TMPDIR: scratch })
      await demo.line('adds “Bob of Hooge”')
      assert.equal((await readdir(scratch)).length, 1)
      demo.tell(signal)
      const [code, ...lines] = (await demo.ended).split('\n')
      assert.equal(code, wanted, lines.join('\n'))
      assert.match(lines.join('\n'), new RegExp(`Failed: interrupted by ${signal}`))
      assert.deepEqual(await readdir(scratch), [])
    })
  }

  it('leaves nothing behind when nobody reads its output any more', async () => {
    const demo = startExample('demo/main.js', ['--messages', '5000'], directory.path, { TMPDIR: scratch })
    await demo.line('Their network is called')
    demo.stopReading()
    assert.match(await demo.ended, /^1\n/)
    assert.deepEqual(await readdir(scratch), [])
  })

  it('says what is wrong with its arguments', async () => {
    const { code, output } = await demonstrate('--messages', '1')
    assert.deepEqual([code, output], [2, '--messages takes a whole number from 20 to 5000, not 1\n'])
  })
})

/** Without the line breaks that the width of a terminal makes. */
function inOneLine(output: string): string {
  return output.replace(/\s+/g, ' ')
}
