import assert from 'node:assert/strict'
import type { Call } from '../../src/cli/call.js'
import { createOutput } from '../../src/cli/output.js'
import { ProgressLine } from '../../src/cli/progress-line.js'
import { CommandLine, Page } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

function lineOn(terminal: boolean, json: boolean, times: number[]): { line: ProgressLine; page: Page } {
  const cli = new CommandLine(new FakeMessenger())
  const page = new Page(terminal)
  const surroundings = { ...cli.surroundings(new Page(), page), now: () => times.shift() ?? 0 }
  cli.end()
  const options = { directory: '', json, lan: true, carrier: true }
  const call: Call = { command: 'import', options, output: createOutput(surroundings, json), surroundings }
  return { line: new ProgressLine(call), page }
}

describe('cli/progress-line', () => {
  it('is written over, five times a second at most, and gone in the end', () => {
    const { line, page } = lineOn(true, false, [0, 100, 250, 300])
    for (const text of ['one', 'two', 'three', 'four']) line.show(() => text)
    line.end()
    line.end()
    assert.equal(page.text, '\r\u001b[Kone\r\u001b[Kthree\r\u001b[K')
  })

  it('is not there in a pipe or in JSON', () => {
    for (const [terminal, json] of [
      [false, false],
      [true, true]
    ] as const) {
      const { line, page } = lineOn(terminal, json, [0])
      line.show(() => 'one')
      line.end()
      assert.equal(page.text, '')
    }
  })
})
