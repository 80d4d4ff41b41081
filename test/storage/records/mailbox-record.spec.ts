import assert from 'node:assert/strict'
import { mailboxRecord, type MailboxChange } from '../../../src/storage/records/mailbox-record.js'

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

describe('storage/records/mailbox-record', () => {
  const changes: readonly MailboxChange[] = [
    {
      kind: 'added',
      id: bytes(32, 1),
      tag: bytes(16, 2),
      bytes: 32_768,
      source: bytes(8, 3),
      standing: 'contact'
    },
    { kind: 'removed', id: bytes(32, 4) },
    { kind: 'released', id: bytes(32, 5), secret: bytes(16, 6), dueAt: 1_750_000_000_000 },
    { kind: 'purged', id: bytes(32, 7), secret: bytes(16, 8) },
    { kind: 'lost', id: bytes(32, 9) }
  ]

  it('comes back as it was', () => {
    assert.deepEqual(mailboxRecord.decode(mailboxRecord.encode(changes)), changes)
  })

  it('is called damaged when it is cut off or speaks of something else', () => {
    const encoded = mailboxRecord.encode(changes)
    assert.throws(() => mailboxRecord.decode(encoded.subarray(0, encoded.length - 1)), {
      code: 'RECORD_DAMAGED'
    })
    encoded[5] = 9
    assert.throws(() => mailboxRecord.decode(encoded), { code: 'RECORD_DAMAGED' })
  })
})
