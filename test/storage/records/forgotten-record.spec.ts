import assert from 'node:assert/strict'
import { forgottenRecord } from '../../../src/storage/records/forgotten-record.js'
import { heldInvites, itIsARecord, u32, recordOf, withOptional } from '../../support/messenger-records.js'

describe('storage/records/forgotten-record', () => {
  itIsARecord(forgottenRecord, withOptional(recordOf({ generation: u32 }), { invite: heldInvites }))

  it('of before invites were kept is read as it was', () => {
    assert.deepEqual(forgottenRecord.decode(Uint8Array.of(1, 0, 0, 1, 2)), { generation: 258 })
  })
})
