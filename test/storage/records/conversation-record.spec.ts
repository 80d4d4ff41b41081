import fc from 'fast-check'
import { conversationRecord } from '../../../src/storage/records/conversation-record.js'
import {
  bytesOf,
  conversationIds,
  identityIds,
  itIsARecord,
  messageIds,
  ranges,
  text,
  u32,
  u64,
  withOptional,
  recordOf
} from '../../support/messenger-records.js'

describe('storage/records/conversation-record', () => {
  itIsARecord(
    conversationRecord,
    withOptional(
      recordOf({
        id: conversationIds,
        contactId: identityIds,
        order: recordOf({ clock: u64, heads: fc.array(messageIds, { maxLength: 8 }) }),
        nextNumber: u64,
        sent: ranges,
        delivered: ranges,
        read: ranges,
        expired: ranges,
        streams: fc.array(recordOf({ stream: bytesOf(8), received: ranges, read: ranges }), {
          maxLength: 3
        }),
        receiptDue: fc.boolean(),
        unread: u32,
        emergencies: fc.array(u64, { maxLength: 10 }),
        heardAt: u64
      }),
      { lastPosition: text }
    )
  )
})
