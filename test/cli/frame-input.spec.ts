import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { animate } from '../../src/cli/animated-qr.js'
import type { Call } from '../../src/cli/call.js'
import { collectFrames } from '../../src/cli/frame-input.js'
import { createOutput } from '../../src/cli/output.js'
import { ProgressLine } from '../../src/cli/progress-line.js'
import { qrModules, qrPicture } from '../../src/cli/qr.js'
import { seeded } from '../support/protocol-values.js'
import { CommandLine, Page } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

const bytes = new Uint8Array(seeded(82)(1500))

describe('cli/frame-input', () => {
  const directory = mkdtempSync(join(tmpdir(), 'hallig-frames-'))
  const cli = new CommandLine(new FakeMessenger())
  const surroundings = cli.surroundings(new Page(), new Page())
  const call: Call = {
    command: 'import',
    options: { directory, json: false, lan: true, carrier: true },
    output: createOutput(surroundings, false),
    surroundings
  }
  const collect = async (...paths: string[]): Promise<Uint8Array> =>
    await collectFrames(call, paths, new ProgressLine(call))

  after(() => {
    rmSync(directory, { recursive: true, force: true })
    cli.end()
  })

  it('reads pictures of a folder, whatever else lies there, and a file of lines', async () => {
    const animation = animate(bytes, 200)
    const frames = Array.from({ length: animation.fragments * 2 }, () => animation.next())
    const [pictures, lines] = [frames.slice(0, 4), frames.slice(4)]
    for (const [n, frame] of pictures.entries())
      writeFileSync(join(directory, `frame-${String(n)}.png`), qrPicture(qrModules(frame)))
    writeFileSync(join(directory, 'blank.png'), qrPicture([[false]]))
    writeFileSync(join(directory, 'notes.txt'), 'nothing here\n')
    await assert.rejects(collect(directory), (error: Error) => {
      assert.match(error.message, /not enough yet: 4 different frames, .* \(4 .* 3 none\)/)
      return 'code' in error && error.code === 'FRAMES_MISSING'
    })
    const again = mkdtempSync(join(tmpdir(), 'hallig-again-'))
    for (const name of ['one', 'other']) writeFileSync(join(again, name), pictures.join('\n'))
    await assert.rejects(collect(again), /4 different frames, .* \(8 .* 0 none\)/)
    rmSync(again, { recursive: true })
    const list = join(directory, 'lines.txt')
    writeFileSync(list, lines.join('\r\n'))
    assert.deepEqual(await collect(directory), bytes)
    cli.stdin.end(frames.join('\n'))
    assert.deepEqual(await collect('-'), bytes)
  })

  it('says what is not there', async () => {
    await assert.rejects(collect(join(directory, 'nowhere')), { code: 'FILE_UNREADABLE' })
    const empty = mkdtempSync(join(directory, 'empty-'))
    await assert.rejects(collect(empty), { code: 'FRAMES_MISSING', message: /No frames/ })
  })
})
