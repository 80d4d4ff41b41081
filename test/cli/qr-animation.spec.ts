import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { animate, FrameCollector } from '../../src/cli/animated-qr.js'
import type { Call } from '../../src/cli/call.js'
import { createOutput } from '../../src/cli/output.js'
import { readQrPicture } from '../../src/cli/picture.js'
import { animationLines, showAnimation, writeAnimation } from '../../src/cli/qr-animation.js'
import { seeded } from '../support/protocol-values.js'
import { CommandLine, Page } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

const bytes = new Uint8Array(seeded(83)(900))

describe('cli/qr-animation', () => {
  it('writes pictures that read back, four times as many as are enough', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hallig-animation-'))
    try {
      const frames = join(folder, 'new', 'frames')
      const count = await writeAnimation(frames, (fragment) => animate(bytes, fragment))
      const names = readdirSync(frames)
      assert.equal(names.length, count)
      assert.equal(count, animate(bytes, 200).fragments * 4)
      const collector = new FrameCollector()
      for (const name of names.filter((_, n) => n % 5 > 1))
        assert.ok(collector.add(readQrPicture(readFileSync(join(frames, name)))))
      assert.deepEqual(collector.result, bytes)
      const file = join(frames, names[0] ?? '')
      await assert.rejects(
        writeAnimation(file, (fragment) => animate(bytes, fragment)),
        {
          code: 'FILE_UNWRITABLE'
        }
      )
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })

  it('gives as many lines', () => {
    const lines = animationLines((fragment) => animate(bytes, fragment))
    assert.equal(lines.length, animate(bytes, 200).fragments * 4)
    assert.equal(new Set(lines).size, lines.length)
  })

  it('shows nothing where no code fits', async () => {
    const cli = new CommandLine(new FakeMessenger())
    const page = new Page(true)
    page.rows = 6
    const surroundings = cli.surroundings(page, new Page())
    cli.end()
    const options = { directory: '', json: false, lan: true, carrier: true }
    const call: Call = { command: 'export', options, output: createOutput(surroundings, false), surroundings }
    assert.equal(await showAnimation(call, (fragment) => animate(bytes, fragment)), 0)
    assert.equal(page.text, '')
  })
})
