import fc from 'fast-check'
import { continuityRecord } from '../../../src/storage/records/continuity-record.js'
import { bytesOf, itIsARecord, recordOf, text, u64, withOptional } from '../../support/messenger-records.js'

describe('storage/records/continuity-record', () => {
  const reason = fc.constantFrom(
    'copied' as const,
    'restored' as const,
    'asked' as const,
    'receipt' as const,
    'bundle' as const,
    'damaged' as const
  )
  itIsARecord(
    continuityRecord,
    withOptional(
      recordOf({
        former: fc.array(bytesOf(16), { maxLength: 3 }),
        firstSeq: u64,
        renewals: fc.array(recordOf({ at: u64, reason }), { maxLength: 3 }),
        contested: fc.boolean()
      }),
      { due: reason, mark: recordOf({ text, file: text, changed: text }), pending: text }
    )
  )
})
