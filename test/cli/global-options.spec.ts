import assert from 'node:assert/strict'
import { Command, InvalidArgumentError } from 'commander'
import {
  addCarrierOptions,
  addGlobalOptions,
  byteCount,
  carrierSettings,
  countOption,
  globalOptions,
  networkSettings,
  waitOption,
  type GlobalOptions
} from '../../src/cli/global-options.js'

function parsed(...args: string[]): GlobalOptions {
  const program = new Command()
  addGlobalOptions(program)
  const command = addCarrierOptions(program.command('x').action(() => undefined))
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

  it('decide what is kept for others, and win over what init was told', () => {
    const settings = { passphrase: false, carrier: false, mailbox: 5 }
    assert.deepEqual(carrierSettings(parsed('x'), { passphrase: false }), {})
    assert.deepEqual(carrierSettings(parsed('x'), settings), { carrier: false, mailbox: { quota: 5 } })
    assert.deepEqual(carrierSettings(parsed('x', '--mailbox', '1k'), settings), { mailbox: { quota: 1024 } })
    assert.deepEqual(carrierSettings(parsed('x'), { passphrase: false, budget: 7 }), {
      budget: { bytesPerHour: 7 }
    })
    assert.deepEqual(carrierSettings(parsed('x', '--budget', '1M'), { passphrase: false, budget: 7 }), {
      budget: { bytesPerHour: 1024 ** 2 }
    })
    assert.deepEqual(carrierSettings(parsed('x', '--no-carrier'), { passphrase: false }), { carrier: false })
    assert.deepEqual(['0', '7', '3K', '500MB', '2GiB'].map(byteCount), [
      0,
      7,
      3072,
      500 * 1024 ** 2,
      2 * 1024 ** 3
    ])
    for (const text of ['', 'x', '-1', '1.5G', '99999999999G', '5T'])
      assert.throws(() => byteCount(text), InvalidArgumentError)
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
