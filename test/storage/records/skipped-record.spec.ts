import { skippedRecord } from '../../../src/storage/records/skipped-record.js'
import { bytesOf, itIsARecord, u64, recordOf } from '../../support/messenger-records.js'

describe('storage/records/skipped-record', () => {
  itIsARecord(skippedRecord, recordOf({ key: bytesOf(32), keptAt: u64 }))
})
