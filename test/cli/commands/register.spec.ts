import assert from 'node:assert/strict'
import { Command } from 'commander'
import { registerCommands } from '../../../src/cli/commands/register.js'
import { CommandLine, Page } from '../command-line.js'
import { FakeMessenger } from '../fake-messenger.js'

describe('the commands', () => {
  it('are all there, each with a description', () => {
    const cli = new CommandLine(new FakeMessenger())
    const program = new Command()
    registerCommands(program, cli.surroundings(new Page(), new Page()))
    const names = program.commands.map((command) => command.name())
    for (const name of [
      'init',
      'card',
      'add',
      'contacts',
      'verify',
      'send',
      'read',
      'chat',
      'node',
      'status'
    ]) {
      assert.ok(names.includes(name), name)
    }
    assert.ok(program.commands.every((command) => command.description() !== ''))
    cli.end()
  })
})
