import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stickWith } from '../support/parcel-stick.js'
import { envelopeForNobody } from '../support/protocol-envelopes.js'
import { seeded } from '../support/protocol-values.js'

const main = fileURLToPath(new URL('../../src/cli/main.js', import.meta.url))

interface Ended {
  readonly code: number | null
  readonly out: string
}

/** Run `hallig` in a process of its own; killed with SIGKILL after `killAfter` ms if given. */
async function hallig(directory: string, args: readonly string[], killAfter?: number): Promise<Ended> {
  const env = { ...process.env, NO_COLOR: '1', HALLIG_DIR: directory }
  const child = spawn(process.execPath, [main, '--no-lan', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'ignore']
  })
  const timer = killAfter === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfter)
  let out = ''
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  const code = await new Promise<number | null>((resolve) => {
    child.on('close', resolve)
  })
  clearTimeout(timer)
  return { code, out }
}

interface Answer {
  readonly status: string
  readonly text: string
  readonly envelopes: number
  readonly link: string
  readonly taken: number
  readonly known: number
  readonly read: number
  readonly opened: number
  readonly complete: boolean
}

async function answer(directory: string, ...args: string[]): Promise<Answer> {
  const { code, out } = await hallig(directory, ['--json', ...args])
  assert.equal(code, 0, args.join(' '))
  return JSON.parse(out.split('\n')[0] ?? '') as Answer
}

/** A file of so many envelopes of strangers; `size` tells how long each is. */
function fileOfStrangers(count: number, size: (n: number) => number): Uint8Array {
  const random = seeded(4711)
  return stickWith(
    'main',
    Array.from({ length: count }, (_, n) => envelopeForNobody(random, size(n))),
    20
  )
}

describe('two processes that are never online together', function () {
  this.timeout(120_000)
  const root = mkdtempSync(join(tmpdir(), 'hallig-stick-'))
  const [alice, bob, carol, dora, erik] = [
    join(root, 'alice'),
    join(root, 'bob'),
    join(root, 'carol'),
    join(root, 'dora'),
    join(root, 'erik')
  ]
  const stick = (name: string): string => join(root, name)

  before(async () => {
    for (const [directory, name] of [
      [alice, 'Alice'],
      [bob, 'Bob'],
      [carol, 'Carol'],
      [dora, 'Dora'],
      [erik, 'Erik']
    ] as const)
      await answer(directory, 'init', '--name', name)
    await answer(bob, 'add', (await answer(alice, 'card', '--full')).link)
  })

  after(() => {
    rmSync(root, { recursive: true, force: true })
  })

  it('bring a message by a file, over somebody else, and the receipt by a second one', async () => {
    await answer(bob, 'send', 'Alice', 'by stick', '--wait', '0')
    await answer(bob, 'export', stick('one'))
    assert.equal((await answer(carol, 'import', stick('one'))).opened, 0)
    await answer(carol, 'export', stick('two'))
    assert.ok((await answer(alice, 'import', stick('two'))).opened > 0)
    assert.equal((await answer(alice, 'read', '--wait', '0')).text, 'by stick')
    await answer(alice, 'export', stick('back'))
    assert.ok((await answer(bob, 'import', stick('back'))).opened > 0)
    assert.match((await answer(bob, 'read', 'Alice', '--wait', '0')).status, /^(delivered|read)$/)
    const again = await answer(alice, 'import', stick('one'), stick('two'))
    assert.deepEqual([again.taken, again.opened], [0, 0])
  })

  it('bring a message by pictures of which four in ten are lost', async () => {
    await answer(alice, 'send', 'Bob', 'by light', '--wait', '0')
    const { out } = await hallig(alice, ['export', '--qr', '--contact', 'Bob'])
    const lines = out.trim().split('\n')
    writeFileSync(
      stick('frames'),
      lines
        .filter((_, n) => (n * 7) % 10 >= 4)
        .toReversed()
        .join('\n')
    )
    assert.ok((await answer(bob, 'import', '--qr', stick('frames'))).opened > 0)
    assert.equal((await answer(bob, 'read', '--wait', '0')).text, 'by light')
  })

  it('take what is left of a file that was cut off, and say so', async () => {
    const whole = readFileSync(stick('one'))
    writeFileSync(stick('cut'), whole)
    truncateSync(stick('cut'), whole.length - 10)
    const { code, out } = await hallig(carol, ['--json', 'import', stick('cut')])
    assert.equal(code, 6)
    const report = JSON.parse(out) as Answer
    assert.deepEqual([report.read > 0, report.known, report.complete], [true, report.read, false])
    assert.equal((await hallig(carol, ['import', main])).code, 6)
  })

  it('take 10,000 envelopes, through kills in the middle of it, and the same file again', async function () {
    const file = fileOfStrangers(10_000, () => 512)
    assert.ok(file.length <= 20_000_000)
    writeFileSync(stick('many'), file)
    for (const after of [900, 1300]) await hallig(carol, ['import', stick('many')], after)
    const rest = await answer(carol, 'import', stick('many'))
    assert.deepEqual([rest.read, rest.taken + rest.known, rest.complete], [10_000, 10_000, true])
    const again = await answer(carol, 'import', stick('many'))
    assert.deepEqual([again.taken, again.known], [0, 10_000])
    assert.ok((await answer(carol, 'export', stick('all'))).envelopes >= 10_000)
  })

  it('take a file of 10,000 envelopes and 20 MB whole with a single import, and nothing of it twice', async () => {
    // One in twenty is small, so that all fit into what is promised.
    writeFileSync(
      stick('made'),
      fileOfStrangers(10_000, (n) => (n % 20 === 0 ? 512 : 2_048))
    )
    assert.equal((await answer(dora, 'import', stick('made'))).taken, 10_000)
    const exported = await answer(dora, 'export', stick('heavy'))
    const { size } = statSync(stick('heavy'))
    assert.ok(exported.envelopes === 10_000 && size > 19_000_000 && size <= 20_000_000, String(size))
    const began = performance.now()
    const first = await answer(erik, 'import', stick('heavy'))
    const took = performance.now() - began
    process.stdout.write(
      `      imported ${String(size)} bytes in ${(took / 1_000).toFixed(1)} s, the start of the process included\n`
    )
    assert.deepEqual([first.read, first.taken, first.known, first.complete], [10_000, 10_000, 0, true])
    const again = await answer(erik, 'import', stick('heavy'))
    assert.deepEqual([again.read, again.taken, again.known], [10_000, 0, 10_000])
    assert.equal((await answer(erik, 'export', stick('onward'))).envelopes, 10_000)
  })
})
