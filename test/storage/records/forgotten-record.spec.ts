import { forgottenRecord } from '../../../src/storage/records/forgotten-record.js'
import { itIsARecord, u32, recordOf } from '../../support/messenger-records.js'

describe('storage/records/forgotten-record', () => {
  itIsARecord(forgottenRecord, recordOf({ generation: u32 }))
})
