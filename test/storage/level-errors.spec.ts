import assert from 'node:assert/strict'
import type { ErrorCode } from '../../src/errors.js'
import { hasCode, openError, readError, writeError } from '../../src/storage/level-errors.js'

const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code })
const unopened = (cause: Error): Error =>
  Object.assign(new Error('Database failed to open', { cause }), { code: 'LEVEL_DATABASE_NOT_OPEN' })

describe('an error of Level', () => {
  const opening: readonly (readonly [ErrorCode, Error])[] = [
    ['STORE_LOCKED', coded('LEVEL_LOCKED', 'IO error: lock x/LOCK: already held by process')],
    ['STORE_LOCKED', coded('LEVEL_LOCKED', 'IO error: lock x/LOCK: Resource temporarily unavailable')],
    ['STORE_DAMAGED', coded('LEVEL_CORRUPTION', 'Corruption: CURRENT file does not end with newline')],
    ['STORE_DAMAGED', coded('LEVEL_IO_ERROR', 'IO error: x/MANIFEST-000999: No such file or directory')],
    ['STORE_FULL', coded('LEVEL_IO_ERROR', 'IO error: x/000015.ldb: No space left on device')],
    ['STORE_FULL', coded('LEVEL_IO_ERROR', 'IO error: x/000015.ldb: Disk quota exceeded')],
    ['STORE_FULL', coded('ENOSPC', "ENOSPC: no space left on device, mkdir 'x'")],
    ['STORE_UNWRITABLE', coded('EACCES', "EACCES: permission denied, mkdir 'x'")],
    ['STORE_UNWRITABLE', coded('EROFS', "EROFS: read-only file system, mkdir 'x'")],
    ['STORE_UNWRITABLE', coded('ENOTDIR', "ENOTDIR: not a directory, mkdir 'x'")],
    ['STORE_UNWRITABLE', coded('EEXIST', "EEXIST: file already exists, mkdir 'x'")],
    ['STORE_UNWRITABLE', coded('LEVEL_IO_ERROR', 'IO error: x/LOCK: Permission denied')],
    // What Windows says.
    ['STORE_LOCKED', coded('LEVEL_LOCKED', 'IO error: LockFile x/LOCK: The process cannot access the file')],
    ['STORE_UNWRITABLE', coded('LEVEL_LOCKED', 'IO error: LockFile x/LOCK: Access is denied.')],
    ['STORE_UNWRITABLE', coded('LEVEL_LOCKED', 'IO error: LockFile x/LOCK: The media is write protected.')],
    [
      'STORE_FULL',
      coded('LEVEL_LOCKED', 'IO error: LockFile x/LOCK: There is not enough space on the disk.')
    ],
    ['STORE_FULL', coded('LEVEL_IO_ERROR', 'IO error: x/000015.ldb: There is not enough space on the disk.')],
    ['STORE_FULL', coded('LEVEL_IO_ERROR', 'IO error: x/LOG: … because the storage quota was exceeded.')],
    [
      'STORE_DAMAGED',
      coded('LEVEL_IO_ERROR', 'IO error: x/MANIFEST-000999: The system cannot find the file')
    ],
    ['STORE_FAILED', coded('LEVEL_IO_ERROR', 'IO error: x/LOCK: Too many open files')]
  ]
  for (const [code, cause] of opening) {
    it(`on opening is ${code} for "${cause.message}"`, () => {
      const error = openError('x', unopened(cause))
      assert.equal(error.code, code)
      assert.ok(hasCode(error, String('code' in cause && cause.code)))
    })
  }

  it('on writing is STORE_FULL or STORE_FAILED', () => {
    const full = coded('LEVEL_IO_ERROR', 'IO error: x/000015.ldb: No space left on device')
    const quota = Object.assign(new Error('too much'), { name: 'QuotaExceededError' })
    assert.equal(writeError('x', full).code, 'STORE_FULL')
    assert.equal(writeError('x', quota).code, 'STORE_FULL')
    assert.equal(writeError('x', new Error('anything')).code, 'STORE_FAILED')
  })

  it('is told by what the app can do where the browser has no database, or has it no more', () => {
    const missing = unopened(new ReferenceError('indexedDB is not defined'))
    const forbidden = new DOMException('Access is denied', 'SecurityError')
    for (const error of [missing, forbidden]) {
      assert.equal(openError('x', error).code, 'STORE_FAILED')
      assert.match(openError('x', error).message, /allow site data.*or leave out path/)
    }
    const cleared = new DOMException('The database connection is closing', 'InvalidStateError')
    assert.match(writeError('x', cleared).message, /cleared: close it and open it anew/)
    assert.match(readError('x', 'k', cleared).message, /cleared: close it and open it anew/)
    assert.match(writeError('x', new Error('anything')).message, /see the cause, and try again/)
  })

  it('on reading is RECORD_DAMAGED, with the table alone, or STORE_FAILED', () => {
    const damaged = readError('x', 'contact/bob', coded('LEVEL_CORRUPTION', 'Corruption: bad block'))
    assert.equal(damaged.code, 'RECORD_DAMAGED')
    assert.match(damaged.message, /'contact'/)
    assert.doesNotMatch(damaged.message, /bob/)
    assert.equal(readError('x', 'contact/bob', coded('LEVEL_IO_ERROR', 'IO error')).code, 'STORE_FAILED')
  })

  it('is found by its code through its causes', () => {
    assert.ok(hasCode(unopened(coded('LEVEL_LOCKED', '')), 'LEVEL_LOCKED'))
    assert.ok(!hasCode(new Error('x', { cause: 'LEVEL_LOCKED' }), 'LEVEL_LOCKED'))
    assert.ok(!hasCode('LEVEL_LOCKED', 'LEVEL_LOCKED'))
  })
})
