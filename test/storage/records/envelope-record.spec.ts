import assert from 'node:assert/strict'
import { envelopeRecord } from '../../../src/storage/records/envelope-record.js'

describe('storage/records/envelope-record', () => {
  it('comes back as it was', () => {
    const envelope = new Uint8Array(512).fill(7)
    assert.deepEqual(envelopeRecord.decode(envelopeRecord.encode(envelope)), envelope)
  })
})
