import assert from 'node:assert/strict'
import { failureOf, failureRecord } from '../../../src/cli/control/failure-record.js'
import { isMessengerError, MessengerError } from '../../../src/index.js'

describe('an error that crosses to another process', () => {
  it('keeps its sentence, and its code if it is one of ours', () => {
    const ours = failureOf(failureRecord(new MessengerError('STORE_FULL', 'Make room')))
    assert.ok(isMessengerError(ours, 'STORE_FULL'))
    assert.equal(ours.message, 'Make room')
    const other = failureOf(failureRecord(Object.assign(new Error('no such file'), { code: 'ENOENT' })))
    assert.deepEqual([other?.message, isMessengerError(other)], ['no such file', false])
    assert.equal(failureOf(failureRecord('text'))?.message, 'text')
  })

  it('is none where nothing of the kind came', () => {
    for (const record of [undefined, null, 5, 'text', {}, { message: 5 }])
      assert.equal(failureOf(record), undefined)
    assert.equal(isMessengerError(failureOf({ message: 'm', code: 'not a code' })), false)
  })
})
