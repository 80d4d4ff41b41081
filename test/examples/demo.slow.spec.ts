import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory, type TemporaryDirectory } from '../support/store-temporary.js'
import { run, type Run } from '../support/package-run.js'
import { exampleFile, startExample, startProgram } from './program.js'

/** It promises to take less than a minute and a half; where many tests run at once it may take longer. */
const LIMIT_MS = 180_000
/** How the last line of a run that went well begins. */
const SUCCESS = /\nEvery message was delivered exactly once and in order\.\n$/

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

  async function assertNothingLeft(output: string): Promise<void> {
    assert.deepEqual(await readdir(scratch), [])
    assert.deepEqual(await processesIn(scratch), [])
    const [, network = ''] = /Their network is called (demo-[0-9a-f]+),/.exec(output) ?? []
    assert.notEqual(network, '')
    assert.deepEqual(
      namespaces().filter((name) => name.startsWith(network)),
      []
    )
  }

  function demonstrate(...args: readonly string[]): Promise<Run> {
    return run(process.execPath, [exampleFile('demo/main.js'), ...args], {
      cwd: directory.path,
      timeout: LIMIT_MS,
      env: { ...process.env, TMPDIR: scratch }
    })
  }

  it('tells the whole story, sums up, and leaves nothing behind', async () => {
    const { code, output } = await demonstrate()
    assert.equal(code, 0, output)
    assertWhole(output)
    assert.match(output, /^ {2}messages +100 +100 +1 +1$/m)
    assert.match(output, /^ {2}delivered +100 +100 +1 +1$/m)
    assert.match(output, /^ {2}read +100 +100 +1 +1$/m)
    assert.ok(
      output.split('\n').every((line) => line.length <= 80),
      output
    )
    assert.ok(!output.includes('\u001b'), 'no colours where nobody looks')
    await assertNothingLeft(output)
  })

  it('tells it without namespaces too, and says what keeps the islands apart instead', async () => {
    const { code, output } = await demonstrate('--no-namespaces', '--messages', '20')
    assert.equal(code, 0, output)
    assertWhole(output)
    assert.match(
      inOneLine(output),
      /Network namespaces are not wanted, so the islands are groups of addresses/
    )
    assert.doesNotMatch(inOneLine(output), /by multicast/)
    await assertNothingLeft(output)
  })

  it('fails with a sentence without the walk, the return or the stick, and leaves nothing behind', async () => {
    const failures = [
      ['walk', /Failed: Dora did not get Alice's letter: no news for 40 seconds $/],
      ['return', /Failed: Alice did not get a link to Bob: the process has ended \(SIGKILL\) $/],
      ['stick', /Failed: Alice did not get Dora's answer: no news for 40 seconds $/]
    ] as const
    // All at once: most of it is waiting for what does not come.
    const outputs = await Promise.all(
      failures.map(async ([left, failure]) => {
        const { code, output } = await demonstrate(`--without-${left}`, '--messages', '20')
        assert.equal(code, 1, output)
        assert.match(inOneLine(output), failure)
        assert.doesNotMatch(output, SUCCESS)
        return output
      })
    )
    for (const output of outputs) await assertNothingLeft(output)
  })

  for (const [signal, wanted] of [
    ['SIGINT', '130'],
    ['SIGTERM', '143']
  ] as const) {
    it(`leaves nothing behind when ${signal} ends it and all its processes in the middle, even twice`, async () => {
      const demo = startExample('demo/main.js', ['--messages', '5000'], directory.path, { TMPDIR: scratch })
      await demo.line('adds “Bob of Langeness”')
      assert.equal((await readdir(scratch)).length, 1)
      demo.tellAll(signal)
      demo.tellAll(signal)
      const [code, ...lines] = (await demo.ended).split('\n')
      assert.equal(code, wanted, lines.join('\n'))
      assert.match(lines.join('\n'), new RegExp(`Failed: interrupted by ${signal}`))
      await assertNothingLeft(lines.join('\n'))
    })
  }

  it('leaves nothing behind when npm is ended, which tells only its shell', async () => {
    // Without the scripts around it, which would build.
    const args = ['start', '--ignore-scripts', '--', '--messages', '5000']
    const demo = startProgram('npm', args, process.cwd(), { TMPDIR: scratch })
    await demo.line('adds “Bob of Langeness”')
    demo.tell('SIGTERM')
    const output = await demo.ended
    assert.match(output, /Failed: interrupted: npm has ended/)
    await assertNothingLeft(output)
  })

  it('leaves nothing behind when nobody reads its output any more', async () => {
    const demo = startExample('demo/main.js', ['--messages', '5000'], directory.path, { TMPDIR: scratch })
    await demo.line('Their network is called')
    demo.stopReading()
    const output = await demo.ended
    assert.match(output, /^1\n/)
    await assertNothingLeft(output)
  })

  it('may run twice at once', async () => {
    const runs = await Promise.all([demonstrate('--messages', '20'), demonstrate('--messages', '20')])
    for (const { code, output } of runs) {
      assert.equal(code, 0, output)
      assertWhole(output)
    }
  })

  it('needs no program of the machine, and says which it did without', async () => {
    const { code, output } = await run(process.execPath, [exampleFile('demo/main.js'), '--messages', '20'], {
      cwd: directory.path,
      timeout: LIMIT_MS,
      env: { TMPDIR: scratch, PATH: directory.path }
    })
    assert.equal(code, 0, output)
    assertWhole(output)
    assert.match(
      inOneLine(output),
      /Network namespaces take root,|no network namespaces here \(spawnSync ip ENOENT\)/
    )
    await assertNothingLeft(output)
  })

  it('says what is wrong with its arguments', async () => {
    const { code, output } = await demonstrate('--messages', '1')
    assert.deepEqual([code, output], [2, '--messages takes a whole number from 20 to 5000, not 1\n'])
  })
})

/** What both kinds of islands have to show. */
function assertWhole(output: string): void {
  assert.match(output, SUCCESS)
  for (const nothing of ['lost', 'duplicates', 'out of order'])
    assert.match(output, new RegExp(`^ {2}${nothing} +0 +0 +0 +0$`, 'm'))
  assert.match(output, /^ {2}Alice → Dora #1 +Carol, on foot +1 +\S+ m?s +read$/m)
  assert.match(output, /^ {2}Dora → Alice #1 +Emil, stick, Bob +\d +\S+ m?s +read$/m)
  for (const name of ['Alice', 'Bob', 'Frieda'])
    assert.match(output, new RegExp(`${name} +is killed with SIGKILL`))
  assert.match(output, /have the same: nobody sits between them/)
  assert.match(inOneLine(output), /has no link to anybody on the other island/)
  assert.match(inOneLine(output), /any 8 in a row: found 0/)
  assert.match(inOneLine(output), /files of 6 stores \(\d+ kB\), searched for the same: found 0/)
  assert.match(inOneLine(output), /plugs it in once more: 0 of \d+ envelopes are new/)
}

/** The names of network namespaces, where there can be any. */
function namespaces(): readonly string[] {
  const directory = '/run/netns'
  return existsSync(directory) ? readdirSync(directory) : []
}

/** What still runs that was given this directory, where the system tells. */
async function processesIn(directory: string): Promise<string[]> {
  if (process.platform !== 'linux') return []
  const found: string[] = []
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    // It may end meanwhile, or belong to somebody else.
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '')
    if (environment.includes(`TMPDIR=${directory}\0`)) found.push(pid)
  }
  return found
}

/** Without the line breaks that the width of a terminal makes. */
function inOneLine(output: string): string {
  return output.replace(/\s+/g, ' ')
}
