import assert from 'node:assert/strict'
import { messageRecord, messageText, priorityMark, statusTick } from '../../src/cli/message-text.js'
import { COLOURS, PLAIN } from '../../src/cli/terminal/paint.js'
import { message } from './fake-messenger.js'

const picture = message(1, '', {
  content: { kind: 'data', mediaType: 'image/\u001b[1mpng', bytes: new Uint8Array([1, 2, 3]) }
})

describe('a message as text', () => {
  it('is safe to print', () => {
    assert.equal(messageText(message(1, 'a\u001b[2Jb')), 'ab')
    assert.equal(messageText(picture), '[image/png, 3 bytes]')
  })

  it('has its priority said before it, unless it is routine', () => {
    assert.deepEqual(
      (['routine', 'urgent', 'emergency'] as const).map((priority) => priorityMark(priority, PLAIN)),
      ['', 'URGENT ', 'EMERGENCY ']
    )
  })

  it('is raw and whole as a record', () => {
    assert.equal(messageRecord(message(1, 'a\u001bb'), 'Bob')['text'], 'a\u001bb')
    const { bytes, mediaType, contact, content } = messageRecord(picture, 'Bob')
    assert.deepEqual([bytes, mediaType, contact, content], ['AQID', 'image/\u001b[1mpng', 'Bob', undefined])
  })

  it('has a sign for every status, different without colours too', () => {
    const statuses = ['queued', 'sent', 'delivered', 'read', 'expired'] as const
    for (const paint of [PLAIN, COLOURS]) {
      assert.equal(new Set(statuses.map((status) => statusTick(status, paint))).size, statuses.length)
    }
  })
})
