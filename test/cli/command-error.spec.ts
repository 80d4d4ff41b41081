import assert from 'node:assert/strict'
import { CommandError } from '../../src/cli/command-error.js'

describe('a command error', () => {
  it('carries its code, its sentence and its cause', () => {
    const cause = new Error('why')
    const error = new CommandError('USAGE', 'Say what to do', { cause })
    assert.deepEqual(
      [error.code, error.message, error.cause, error.name],
      ['USAGE', 'Say what to do', cause, 'CommandError']
    )
  })
})
