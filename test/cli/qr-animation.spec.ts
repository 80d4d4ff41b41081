import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { animate, FrameCollector } from '../../src/cli/animated-qr.js'
import type { Call } from '../../src/cli/call.js'
import { createOutput } from '../../src/cli/output.js'
import { readQrPicture } from '../../src/cli/picture.js'
import { animationLines, showAnimation, writeAnimation } from '../../src/cli/qr-animation.js'
import { seeded } from '../support/protocol-values.js'
import { CommandLine, Page } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

const bytes = new Uint8Array(seeded(83)(900))

/** A call in a terminal of a hundred columns and thirty rows. */
function inTerminal(): { readonly call: Call; readonly cli: CommandLine; readonly page: Page } {
  const cli = new CommandLine(new FakeMessenger())
  cli.stdin = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined })
  const page = new Page(true)
  const surroundings = cli.surroundings(page, new Page())
  const options = { directory: '', json: false, lan: true, carrier: true }
  return {
    call: { command: 'export', options, output: createOutput(surroundings, false), surroundings },
    cli,
    page
  }
}

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
    const { call, cli, page } = inTerminal()
    page.rows = 6
    assert.equal(await showAnimation(call, (fragment) => animate(bytes, fragment)), undefined)
    cli.end()
    assert.equal(page.text, '')
  })

  it('begins again with fewer and larger frames when the window becomes larger', async () => {
    const { call, cli, page } = inTerminal()
    const needed: number[] = []
    page.onWrite = (text) => {
      const captions = [...text.matchAll(/frame (\d+) of at least (\d+)/g)]
      const [, frame, least] = captions.at(-1) ?? []
      if (least === undefined || needed.includes(Number(least))) return
      needed.push(Number(least))
      assert.equal(frame, '1')
      if (needed.length === 2) {
        cli.stdin.write('q')
        return
      }
      // On the way it has no room for any code.
      for (const rows of [6, 70]) {
        page.rows = rows
        page.emit('resize')
      }
    }
    const shown = await showAnimation(call, (fragment) => animate(bytes, fragment))
    cli.end()
    assert.equal(needed.length, 2)
    assert.ok((needed[1] ?? 0) < (needed[0] ?? 0), needed.join())
    assert.equal(shown?.needed, needed[1])
  })
  it('says so while the window has become too small, and goes on when it is as large as it was', async () => {
    const { call, cli, page } = inTerminal()
    const resize = (rows: number): void => {
      page.rows = rows
      page.emit('resize')
    }
    page.onWrite = (text) => {
      if (page.rows === 30 && !text.includes('Too small')) resize(6)
      else if (page.rows === 6 && text.includes('Too small')) resize(30)
      else if (text.includes('frame 2 of')) cli.stdin.write('q')
    }
    const shown = await showAnimation(call, (fragment) => animate(bytes, fragment))
    cli.end()
    assert.ok(shown !== undefined && shown.frames >= 2)
  })
})
