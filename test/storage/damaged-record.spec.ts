import assert from 'node:assert/strict'
import { damagedRecord } from '../../src/storage/damaged-record.js'

describe('a damaged record', () => {
  it('is named by its table and nothing else', () => {
    const cause = new Error('bad block')
    const error = damagedRecord('contact/bob/verified', cause)
    assert.equal(error.code, 'RECORD_DAMAGED')
    assert.equal(error.message, "A record of the table 'contact' is damaged")
    assert.equal(error.cause, cause)
  })
})
