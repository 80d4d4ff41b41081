import fc from 'fast-check'
import { messageRecord, type Content } from '../../../src/storage/records/message-record.js'
import {
  bytesOf,
  itIsARecord,
  messageIds,
  someBytes,
  text,
  u64,
  recordOf
} from '../../support/messenger-records.js'

const contents: fc.Arbitrary<Content> = fc.oneof(
  recordOf({ kind: fc.constant('text' as const), text }),
  recordOf({ kind: fc.constant('data' as const), mediaType: text, bytes: someBytes })
)

describe('storage/records/message-record', () => {
  itIsARecord(
    messageRecord,
    recordOf({
      id: messageIds,
      own: fc.boolean(),
      stream: bytesOf(8),
      number: u64,
      clock: u64,
      sentAt: u64,
      storedAt: u64,
      content: contents
    })
  )
})
