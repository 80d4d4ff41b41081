import assert from 'node:assert/strict'
import fc from 'fast-check'
import { outboxRecord, type OutboxRecord } from '../../../src/storage/records/outbox-record.js'
import {
  itIsARecord,
  priorities,
  someBytes,
  text,
  u64,
  withOptional,
  recordOf
} from '../../support/messenger-records.js'

describe('storage/records/outbox-record', () => {
  itIsARecord(
    outboxRecord,
    withOptional(
      recordOf({
        number: u64,
        expiryDay: fc.integer({ min: 0, max: 0xffff }),
        priority: priorities,
        items: fc.array(recordOf({ position: text, body: someBytes }), { maxLength: 5 })
      }),
      { envelope: someBytes }
    )
  )

  it('is routine if it was written before there were priorities', () => {
    const items = [{ position: 'p', body: new Uint8Array(3) }]
    const record: OutboxRecord = { number: 1, expiryDay: 2, priority: 'emergency', items }
    const old = outboxRecord.encode(record).slice(0, -1)
    old[0] = 1
    assert.deepEqual(outboxRecord.decode(old), { ...record, priority: 'routine' })
  })
})
