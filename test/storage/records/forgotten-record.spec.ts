import assert from 'node:assert/strict'
import { forgottenRecord } from '../../../src/storage/records/forgotten-record.js'
import {
  heldInvites,
  itIsARecord,
  u32,
  u64,
  recordOf,
  withOptional
} from '../../support/messenger-records.js'

describe('storage/records/forgotten-record', () => {
  itIsARecord(
    forgottenRecord,
    withOptional(recordOf({ generation: u32 }), { invite: heldInvites, nextNumber: u64 })
  )

  it('of before numbers were kept is read as it was', () => {
    assert.deepEqual(forgottenRecord.decode(Uint8Array.of(2, 0, 0, 1, 2, 0)), { generation: 258 })
  })

  it('of before invites were kept is read as it was', () => {
    assert.deepEqual(forgottenRecord.decode(Uint8Array.of(1, 0, 0, 1, 2)), { generation: 258 })
  })
})
