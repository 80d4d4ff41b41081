import fc from 'fast-check'
import { identityId } from '../../../src/protocol/identity/identity.js'
import { contactRecord } from '../../../src/storage/records/contact-record.js'
import {
  bytesOf,
  heldInvites,
  itIsARecord,
  someBytes,
  text,
  u32,
  u64,
  withOptional,
  recordOf
} from '../../support/messenger-records.js'

const contacts = withOptional(
  recordOf({
    signingKey: bytesOf(32),
    dhKey: bytesOf(32),
    givenName: text,
    profileName: text,
    origin: fc.constantFrom('card' as const, 'invite' as const, 'hello' as const),
    addedAt: u64,
    accepted: fc.boolean(),
    verified: fc.boolean(),
    blocked: fc.boolean(),
    addresses: fc.array(text, { maxLength: 3 }),
    incarnation: someBytes,
    seq: u64,
    generation: u32,
    toldProfile: someBytes
  }).map((contact) => ({ ...contact, id: identityId(contact.signingKey) })),
  {
    change: fc.constantFrom('device-key' as const, 'equivocation' as const),
    changedDhKey: bytesOf(32),
    formerDhKey: bytesOf(32),
    bundle: someBytes,
    contradiction: someBytes,
    invite: heldInvites,
    profile: recordOf({ stream: bytesOf(8), number: u64 })
  }
)

describe('storage/records/contact-record', () => {
  itIsARecord(contactRecord, contacts)
})
