import fc from 'fast-check'
import { LEDGER_SLOTS } from '../../../src/protocol/delivery/ledger.js'
import { ledgerRecord } from '../../../src/storage/records/ledger-record.js'
import { itIsARecord, recordOf, u64 } from '../../support/messenger-records.js'

describe('storage/records/ledger-record', () => {
  itIsARecord(ledgerRecord, recordOf({ minute: u64, slots: fc.array(u64, { maxLength: LEDGER_SLOTS }) }))
})
