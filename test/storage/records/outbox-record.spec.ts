import fc from 'fast-check'
import { outboxRecord } from '../../../src/storage/records/outbox-record.js'
import { itIsARecord, someBytes, text, u64, withOptional, recordOf } from '../../support/messenger-records.js'

describe('storage/records/outbox-record', () => {
  itIsARecord(
    outboxRecord,
    withOptional(
      recordOf({
        number: u64,
        expiryDay: fc.integer({ min: 0, max: 0xffff }),
        items: fc.array(recordOf({ position: text, body: someBytes }), { maxLength: 5 })
      }),
      { envelope: someBytes }
    )
  )
})
