import fc from 'fast-check'
import { inviteRecord, ownRecord, prekeysRecord } from '../../../src/storage/records/own-record.js'
import {
  bytesOf,
  itIsARecord,
  pairs,
  someBytes,
  text,
  u32,
  u64,
  withOptional,
  recordOf
} from '../../support/messenger-records.js'

describe('storage/records/own-record', () => {
  describe('an identity', () => {
    itIsARecord(
      ownRecord,
      recordOf({
        identity: recordOf({ signing: pairs, dh: pairs, incarnation: bytesOf(16) }),
        name: text,
        createdAt: u64,
        networkSeed: bytesOf(32)
      })
    )
  })

  describe('prekeys', () => {
    const signed = fc.tuple(pairs, u32).map(([pair, epoch]) => ({ ...pair, epoch }))
    const kem = fc.tuple(someBytes, someBytes, u64)
    itIsARecord(
      prekeysRecord,
      recordOf({
        seq: u64,
        signedPrekeys: fc.array(signed, { maxLength: 4 }),
        kemPrekeys: fc.array(
          kem.map(([publicKey, secretKey, createdAt]) => ({ publicKey, secretKey, createdAt })),
          { maxLength: 3 }
        ),
        issued: fc.array(recordOf({ seq: u64, hash: bytesOf(32), notAfter: u64 }), { maxLength: 3 }),
        bundle: someBytes,
        issuedAt: u64
      })
    )
  })

  describe('an invite', () => {
    itIsARecord(
      inviteRecord,
      withOptional(recordOf({ secret: bytesOf(32), notAfter: u64 }), {
        oneTimeKey: pairs,
        usedBy: bytesOf(32)
      })
    )
  })
})
