import { readPqRatchet, writePqRatchet } from '../../../src/storage/records/pq-ratchet-record.js'
import { recordCodec } from '../../../src/storage/records/record-codec.js'
import { itIsARecord, pqRatchets } from '../../support/messenger-records.js'

describe('storage/records/pq-ratchet-record', () => {
  itIsARecord(recordCodec('ratchet', 1, writePqRatchet, readPqRatchet), pqRatchets)
})
