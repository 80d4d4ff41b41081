import assert from 'node:assert/strict'
import { isMessengerError } from '../../src/errors.js'
import { MAX_STREAM_UNREAD, MAX_UNREAD_MESSAGES } from '../../src/network/limits.js'
import { MessageInbox } from '../../src/network/message-inbox.js'

const isBroken = (error: unknown): boolean => isMessengerError(error, 'NETWORK_FAILED')

describe('network/message-inbox', () => {
  it('gives messages in order, those that came before and those that are waited for', async () => {
    const inbox = new MessageInbox()
    inbox.push(Uint8Array.of(1))
    const taken = [inbox.take(), inbox.take(), inbox.take()]
    inbox.push(Uint8Array.of(2))
    inbox.close()
    assert.deepEqual(await Promise.all(taken), [Uint8Array.of(1), Uint8Array.of(2), undefined])
  })

  it('gives what came before the end', async () => {
    const inbox = new MessageInbox()
    inbox.push(Uint8Array.of(1))
    inbox.close()
    assert.deepEqual(await inbox.take(), Uint8Array.of(1))
    assert.equal(await inbox.take(), undefined)
  })

  it('gives nothing any more once it broke', async () => {
    const inbox = new MessageInbox()
    const waiting = inbox.take()
    inbox.break()
    await assert.rejects(waiting, isBroken)
    assert.ok(inbox.push(Uint8Array.of(1)))
    inbox.close()
    await assert.rejects(inbox.take(), isBroken)
  })

  it('says when too much is unread, and counts only that', async () => {
    const inbox = new MessageInbox()
    assert.ok(inbox.push(new Uint8Array(MAX_STREAM_UNREAD)))
    await inbox.take()
    assert.ok(inbox.push(new Uint8Array(MAX_STREAM_UNREAD)))
    assert.equal(inbox.push(Uint8Array.of(1)), false)
  })
  it('says when too many are unread, empty ones too, as each takes memory', async () => {
    const inbox = new MessageInbox()
    for (let count = 0; count < MAX_UNREAD_MESSAGES; count++) assert.ok(inbox.push(new Uint8Array(0)))
    await inbox.take()
    assert.ok(inbox.push(new Uint8Array(0)))
    assert.equal(inbox.push(new Uint8Array(0)), false)
  })
})
