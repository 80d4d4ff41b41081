import { acceptedHelloRecord } from '../../../src/storage/records/accepted-hello-record.js'
import { itIsARecord, u64, recordOf } from '../../support/messenger-records.js'

describe('storage/records/accepted-hello-record', () => {
  itIsARecord(acceptedHelloRecord, recordOf({ acceptedAt: u64 }))
})
