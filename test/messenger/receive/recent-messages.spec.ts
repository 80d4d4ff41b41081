import assert from 'node:assert/strict'
import { encodeMessageId } from '../../../src/codec/ids.js'
import { RecentMessages } from '../../../src/messenger/receive/recent-messages.js'
import type { MessageRecord } from '../../../src/storage/records/message-record.js'

function record(bytes: number): MessageRecord {
  const content = { kind: 'data', mediaType: 'x/y', bytes: new Uint8Array(bytes) } as const
  const numbers = { number: 0, clock: 0, sentAt: 0, storedAt: 0 }
  return {
    id: encodeMessageId(new Uint8Array(16)),
    own: true,
    stream: new Uint8Array(8),
    content,
    priority: 'routine',
    ...numbers
  }
}

describe('messenger/recent-messages', () => {
  it('keeps messages until they are removed', () => {
    const recent = new RecentMessages()
    const kept = record(1)
    recent.add('a', kept)
    recent.add('a', record(2))
    assert.equal(recent.get('a'), kept)
    recent.remove('a')
    recent.remove('a')
    assert.equal(recent.get('a'), undefined)
  })

  it('takes no more than its bound, and more again when there is room', () => {
    const recent = new RecentMessages()
    for (let n = 0; n < 300; n++) recent.add(String(n), record(30_000))
    const held = Array.from({ length: 300 }, (_, n) => recent.get(String(n))).filter(
      (found) => found !== undefined
    )
    assert.ok(held.length > 250 && held.length < 281, `${String(held.length)} of 30 kB`)
    assert.equal(recent.get('299'), undefined)
    recent.remove('0')
    recent.add('299', record(30_000))
    assert.notEqual(recent.get('299'), undefined)
  })
})
