import assert from 'node:assert/strict'
import {
  keepLooking,
  watchConversation,
  type ConversationListener
} from '../../../src/cli/chat/conversation-watch.js'
import { contact, FakeMessenger, message } from '../fake-messenger.js'

const bob = contact('Bob')
const carol = contact('Carol')

function notebook(): { heard: string[]; listener: ConversationListener } {
  const heard: string[] = []
  return {
    heard,
    listener: {
      message: ({ status }) => heard.push(`message ${status}`),
      elsewhere: ({ sender }) => heard.push(`elsewhere ${sender.slice(0, 5)}`),
      contact: ({ name }) => heard.push(`contact ${name}`),
      peers: (peers) => heard.push(`peers ${String(peers)}`)
    }
  }
}

describe('watching a conversation', () => {
  it('tells its own events from those of others, until the end', async () => {
    const messenger = new FakeMessenger(bob, carol)
    const end = new AbortController()
    const { heard, listener } = notebook()
    watchConversation(messenger, bob, listener, end.signal)
    messenger.receive(message(1, 'a'))
    messenger.progress(message(2, 'b', { own: true }), 'read')
    messenger.receive(message(3, 'c', { conversationId: carol.conversationId, sender: carol.id }))
    await messenger.change(carol.id, { verified: true })
    await messenger.change(bob.id, { verified: true })
    messenger.safeDispatchEvent('peer:update', { detail: { peers: 3 } })
    end.abort()
    messenger.receive(message(4, 'd'))
    assert.deepEqual(heard, [
      'message delivered',
      'message read',
      'elsewhere carol',
      'contact Bob',
      'peers 3'
    ])
  })

  it('looks once at the start and then now and then', async () => {
    const end = new AbortController()
    const { heard, listener } = notebook()
    setImmediate(() => end.abort())
    await keepLooking(new FakeMessenger(bob), bob, listener, end.signal)
    assert.deepEqual(heard, ['contact Bob', 'peers 0'])
  })
})
