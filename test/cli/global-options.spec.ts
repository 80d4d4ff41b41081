import assert from 'node:assert/strict'
import { Command, InvalidArgumentError } from 'commander'
import {
  addGlobalOptions,
  countOption,
  globalOptions,
  networkSettings,
  waitOption,
  type GlobalOptions
} from '../../src/cli/global-options.js'

function parsed(...args: string[]): GlobalOptions {
  const program = new Command()
  addGlobalOptions(program)
  const command = program.command('x').action(() => undefined)
  program.parse(args, { from: 'user' })
  return globalOptions(command, { env: {}, platform: 'linux', home: '/home/alice' })
}

describe('the global options', () => {
  it('stand before or behind the command', () => {
    assert.equal(parsed('--dir', '/a', 'x').directory, '/a')
    const { directory, json, lan, bootstrap } = parsed(
      'x',
      '--dir',
      '/a',
      '--json',
      '--no-lan',
      '--bootstrap',
      '/1',
      '--bootstrap',
      '/2'
    )
    assert.deepEqual([directory, json, lan, bootstrap], ['/a', true, false, ['/1', '/2']])
  })

  it('win over what init was told', () => {
    const settings = { passphrase: false, network: 'isle', lan: false, listen: ['/l'] }
    assert.deepEqual(networkSettings(parsed('x'), settings), { lan: false, name: 'isle', listen: ['/l'] })
    assert.deepEqual(networkSettings(parsed('x', '--network', 'main'), { passphrase: false }), {
      lan: true,
      name: 'main'
    })
  })

  it('take seconds and counts that make sense', () => {
    const wait = waitOption('', 5)
    assert.deepEqual([wait.defaultValue, wait.parseArg?.<unknown>('1.5', 0)], [5000, 1500])
    for (const text of ['', '-1', 'x', '1e9']) {
      assert.throws(() => {
        wait.parseArg?.<unknown>(text, 0)
      }, InvalidArgumentError)
    }
    assert.equal(countOption('3'), 3)
    for (const text of ['0', '1.5', 'x']) assert.throws(() => countOption(text), InvalidArgumentError)
  })
})
