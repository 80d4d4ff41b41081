import assert from 'node:assert/strict'
import { CommandError } from '../../src/cli/command-error.js'
import { fileError } from '../../src/cli/file-error.js'

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: something`), { code, syscall: 'open' })
}

function sentenceOf(wanted: 'read' | 'write', code: string): string {
  const error = fileError(wanted, 'stick/a', systemError(code))
  assert.ok(error instanceof CommandError)
  assert.equal(error.code, wanted === 'read' ? 'FILE_UNREADABLE' : 'FILE_UNWRITABLE')
  return error.message
}

describe('cli/file-error', () => {
  it('says what to do about a full disk, a missing folder, a folder, a refusal', () => {
    assert.match(sentenceOf('write', 'ENOSPC'), /no room for stick\/a/)
    assert.match(sentenceOf('write', 'ENOENT'), /no folder for stick\/a.*mounted/)
    assert.match(sentenceOf('read', 'ENOENT'), /no stick\/a.*mounted/)
    assert.match(sentenceOf('read', 'EISDIR'), /is a folder/)
    assert.match(
      sentenceOf('write', 'EROFS'),
      /stick\/a is on a medium that is write-protected; .* another stick/
    )
    assert.match(sentenceOf('read', 'EACCES'), /may not be read by this user.*`chmod a\+r`/)
    assert.match(sentenceOf('read', 'EIO'), /cannot be read \(EIO/)
  })

  it('passes on what the system did not say', () => {
    const other = new Error('aborted')
    assert.equal(fileError('write', 'a', other), other)
    const known = new CommandError('USAGE', 'so')
    assert.equal(fileError('read', 'a', known), known)
  })
})
