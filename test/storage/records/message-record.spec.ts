import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeMessageId } from '../../../src/codec/ids.js'
import {
  messageRecord,
  type Content,
  type MessageRecord
} from '../../../src/storage/records/message-record.js'
import {
  bytesOf,
  itIsARecord,
  messageIds,
  priorities,
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
      content: contents,
      priority: priorities
    })
  )

  it('is routine if it was written before there were priorities', () => {
    const record: MessageRecord = {
      id: encodeMessageId(new Uint8Array(16)),
      own: true,
      stream: new Uint8Array(8),
      number: 1,
      clock: 1,
      sentAt: 2,
      storedAt: 3,
      content: { kind: 'text', text: 'Moin' },
      priority: 'urgent'
    }
    const old = messageRecord.encode(record).slice(0, -1)
    old[0] = 1
    assert.deepEqual(messageRecord.decode(old), { ...record, priority: 'routine' })
  })
})
