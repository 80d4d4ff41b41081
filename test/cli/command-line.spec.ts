import assert from 'node:assert/strict'
import { commandLine } from '../../src/cli/command-line.js'

describe('cli/command-line', () => {
  it('is what a person types next', () => {
    assert.equal(commandLine({}, 'chat', 'Bob'), '`hallig chat Bob`')
    assert.equal(commandLine({}, 'add', '<card>'), '`hallig add <card>`')
  })

  it('names the directory where this call was given one', () => {
    assert.equal(commandLine({ typedDirectory: './alice' }, 'card'), '`hallig --dir ./alice card`')
  })

  it('quotes what a shell would take apart', () => {
    assert.equal(commandLine({}, 'chat', 'Jörg Harms'), "`hallig chat 'Jörg Harms'`")
    assert.equal(commandLine({}, 'chat', 'Jörg'), '`hallig chat Jörg`')
    assert.equal(commandLine({}, 'chat', "O'Neill; rm"), "`hallig chat 'O'\\''Neill; rm'`")
    assert.equal(commandLine({}, 'chat', ''), "`hallig chat ''`")
  })
})
