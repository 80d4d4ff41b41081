import assert from 'node:assert/strict'
import { hasArrived, watchDelivery } from '../../src/cli/delivery-wait.js'
import { contact, FakeMessenger } from './fake-messenger.js'

const bob = contact('Bob')
const never = new AbortController().signal

describe('waiting for a delivery', () => {
  it('ends when the last message has arrived', async () => {
    const messenger = new FakeMessenger(bob)
    const watch = watchDelivery(messenger)
    messenger.reaches = ['sent', 'delivered']
    const sent = [
      await messenger.send(bob.conversationId, 'a'),
      await messenger.send(bob.conversationId, 'b')
    ]
    await watch.settled(sent, 1_000_000, never)
    assert.deepEqual(
      sent.map((message) => watch.latest(message).status),
      ['delivered', 'delivered']
    )
    watch.end()
  })

  it('ends at once for what arrived before it was asked, and for nothing', async () => {
    const messenger = new FakeMessenger(bob)
    const watch = watchDelivery(messenger)
    const sent = await messenger.send(bob.conversationId, 'a')
    messenger.progress(sent, 'read')
    await watch.settled([sent], 1_000_000, never)
    await watch.settled([], 1_000_000, never)
    watch.end()
  })

  it('ends with its time or its signal and then knows how far it came', async () => {
    const messenger = new FakeMessenger(bob)
    const watch = watchDelivery(messenger)
    const sent = await messenger.send(bob.conversationId, 'a')
    await watch.settled([sent], 1, never)
    await watch.settled([sent], 1_000_000, AbortSignal.abort())
    assert.equal(watch.latest(sent).status, 'queued')
    watch.end()
  })

  it('does not wait for what has expired', () => {
    assert.deepEqual([hasArrived('expired'), hasArrived('sent')], [true, false])
  })
})
