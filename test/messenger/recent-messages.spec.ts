import assert from 'node:assert/strict'
import { encodeMessageId } from '../../src/codec/ids.js'
import { RecentMessages } from '../../src/messenger/recent-messages.js'
import type { MessageRecord } from '../../src/storage/records/message-record.js'

const HALF_OF_THE_ROOM = 4 * 1024 * 1024 - 1024

function record(content: MessageRecord['content']): MessageRecord {
  const id = encodeMessageId(new Uint8Array(16))
  return { id, own: true, stream: new Uint8Array(8), number: 1, clock: 1, sentAt: 1, storedAt: 1, content }
}

describe('messenger/recent-messages', () => {
  it('gives a message back until it is removed', () => {
    const recent = new RecentMessages()
    const message = record({ kind: 'text', text: 'hello' })
    recent.add('a', message)
    assert.equal(recent.get('a'), message)
    recent.remove('a')
    recent.remove('a')
    assert.equal(recent.get('a'), undefined)
  })

  it('keeps no more than its room, and has room again for what is removed', () => {
    const recent = new RecentMessages()
    const large = (): MessageRecord =>
      record({ kind: 'data', mediaType: 'a/b', bytes: new Uint8Array(HALF_OF_THE_ROOM) })
    for (const position of ['a', 'a', 'b', 'c']) recent.add(position, large())
    assert.notEqual(recent.get('b'), undefined)
    assert.equal(recent.get('c'), undefined)
    recent.remove('a')
    recent.add('c', large())
    assert.notEqual(recent.get('c'), undefined)
  })
})
