import assert from 'node:assert/strict'
import { Command } from 'commander'
import { callOf } from '../../src/cli/call.js'
import { addGlobalOptions } from '../../src/cli/global-options.js'
import { CommandLine, Page } from './command-line.js'
import { FakeMessenger } from './fake-messenger.js'

describe('a call', () => {
  it('knows its command, its options and the form of its output', () => {
    const cli = new CommandLine(new FakeMessenger())
    const program = new Command()
    addGlobalOptions(program)
    const command = program.command('send').action(() => undefined)
    program.parse(['send', '--json', '--dir', '/d'], { from: 'user' })
    const call = callOf(command, cli.surroundings(new Page(), new Page()))
    assert.deepEqual([call.command, call.options.directory, call.output.json], ['send', '/d', true])
    cli.end()
  })
})
