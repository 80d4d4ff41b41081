import assert from 'node:assert/strict'
import { MessengerError } from '../../../src/errors.js'
import { markRead } from '../../../src/messenger/history.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { NEXT_TAG_WINDOW } from '../../../src/protocol/limits.js'
import { addContact, removeContact } from '../../../src/messenger/contacts/contacts.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import { withConversation } from '../../../src/messenger/peer-state.js'
import {
  createBench,
  friends,
  onlyState,
  step,
  type Bench,
  type BenchNode
} from '../../support/messenger-bench.js'

describe('messenger/receipts', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
    alice.published.length = 0
    bob.published.length = 0
  })

  async function say(from: BenchNode, text: string): Promise<void> {
    await bench.run(sendMessage(from.context, onlyState(from.context).conversation.id, text))
  }

  it('acknowledges a burst together, soon', async () => {
    for (let n = 0; n < 20; n++) await say(bob, String(n))
    await bench.until(() => bob.context.outbox.size === 0, 1_000)
    assert.ok(alice.published.length <= 3, `${String(alice.published.length)} receipts`)
  })

  it('does not keep an emergency waiting', async () => {
    const { id } = onlyState(alice.context).contact
    alice.context.owesReceipt(id)
    await bench.clock.advance(5)
    assert.equal(alice.published.length, 0)
    alice.context.owesReceipt(id, true)
    await bench.clock.advance(5)
    assert.equal(alice.published.length, 1)
  })

  it('is made after the commit of what it acknowledges', async () => {
    await say(bob, 'kept?')
    await bench.until(() => alice.published.length > 0, 1_000)
    const { received } = onlyState(alice.context).conversation.streams.at(-1) ?? {}
    assert.ok((received?.at(-1)?.[1] ?? 0) > 0)
  })

  it('waits in the store while nobody is there, and is sent when somebody is', async () => {
    await say(bob, 'are you there?')
    bench.hub.partition([['alice'], ['bob']])
    await bench.clock.advance(20_000)
    alice.published.length = 0
    await bench.run(markRead(alice.context, onlyState(alice.context).conversation.id))
    await bench.clock.advance(60_000)
    assert.equal(alice.published.length, 0, 'a key is not spent on nobody')
    assert.equal(onlyState(alice.context).conversation.receiptDue, true)
    bench.hub.heal()
    await bench.until(() => onlyState(bob.context).conversation.read.length > 0, 20_000)
    // Said once it might be lost with this process; said twice it is due no more.
    assert.equal(onlyState(alice.context).conversation.receiptDue, true)
    await bench.clock.advance(3_000)
    assert.equal(onlyState(alice.context).conversation.receiptDue, false)
  })

  it('rides along with a message that leaves anyway', async () => {
    await say(bob, 'a question')
    await bench.until(() => onlyState(alice.context).conversation.receiptDue, 1_000)
    await say(alice, 'an answer')
    await bench.until(() => bob.context.outbox.size === 0 && alice.context.outbox.size === 0, 1_000)
    assert.equal(onlyState(alice.context).conversation.receiptDue, false)
  })

  it('is the same envelope again while there is nothing new to say, and another now and then', async () => {
    for (let n = 0; n < 30; n++) {
      alice.context.owesReceipt(onlyState(alice.context).contact.id)
      await bench.clock.advance(100)
    }
    const distinct = new Set(alice.published.map((envelope) => Buffer.from(envelope).toString('hex')))
    assert.equal(alice.published.length, 30)
    assert.ok(distinct.size >= 2 && distinct.size <= 5, `${String(distinct.size)} of 30`)
  })

  it('is never followed by more of its kind in a row than the recipient looks ahead', async () => {
    bench.hub.cut('alice', 'bob')
    for (let n = 0; n < 3 * NEXT_TAG_WINDOW; n++) {
      await say(bob, String(n))
      await bench.clock.advance(60)
    }
    assert.ok(alice.context.outbox.size >= 3, 'something that is repeated lies between them')
    const chain = onlyState(alice.context).sessions.at(-1)?.sending?.next ?? 0
    assert.ok(chain > 2 * NEXT_TAG_WINDOW)
    bench.hub.heal()
    await bench.until(() => bob.context.outbox.size === 0 && alice.context.outbox.size === 0, 20_000)
  })

  it('waits after a failed commit with its contact alone, and is made then', async () => {
    const carol = await bench.open('carol')
    const card = await bench.run(makeCard(alice.context, { size: 'full' }))
    const { conversationId } = await bench.run(addContact(carol.context, card))
    await bench.run(sendMessage(carol.context, conversationId, 'hello'))
    await bench.until(() => alice.context.queue.states.size === 2)
    await bench.clock.advance(5_000)
    const { queue } = alice.context
    const bobsId = bob.context.ownId
    const run = queue.run.bind(queue)
    queue.run = (id, step) => (id === bobsId ? Promise.reject(new Error('no room')) : run(id, step))
    alice.published.length = 0
    alice.context.owesReceipt(bobsId)
    await bench.clock.advance(100)
    assert.ok(alice.warnings.some((warning) => warning.includes('no room')))
    queue.run = run
    alice.context.owesReceipt(bobsId)
    alice.context.owesReceipt(carol.context.ownId)
    await bench.clock.advance(100)
    assert.equal(alice.published.length, 1, 'to Carol')
    await bench.clock.advance(5_000)
    assert.equal(alice.published.length, 2)
  })

  it('is made for a file at once, though it could not be stored a moment ago', async () => {
    const { queue } = alice.context
    const { id } = onlyState(alice.context).contact
    const run = queue.run.bind(queue)
    queue.run = () => Promise.reject(new Error('no room'))
    alice.context.owesReceipt(id)
    await bench.clock.advance(100)
    queue.run = run
    await step(bench, alice.context, id, (unit) => {
      if (unit.state !== undefined) unit.state = withConversation(unit.state, { receiptDue: true })
    })
    alice.published.length = 0
    const pieces: Uint8Array[] = []
    await bench.run(
      alice.node.exportParcels(async (source) => {
        for await (const piece of source) pieces.push(piece)
      })
    )
    assert.ok(pieces.length > 0)
    assert.equal(onlyState(alice.context).conversation.receiptDue, false)
  })

  it('keeps no file from being written where it cannot be stored, and is made later', async () => {
    const { queue } = alice.context
    const { id } = onlyState(alice.context).contact
    await say(alice, 'something to carry')
    await step(bench, alice.context, id, (unit) => {
      if (unit.state !== undefined) unit.state = withConversation(unit.state, { receiptDue: true })
    })
    const run = queue.run.bind(queue)
    queue.run = () => Promise.reject(new MessengerError('STORE_FULL', 'no room'))
    let bytes = 0
    const written = await bench.run(
      alice.node.exportParcels(async (source) => {
        for await (const piece of source) bytes += piece.length
      })
    )
    assert.ok(written.envelopes > 0 && bytes > 0)
    queue.run = run
    await bench.clock.advance(6_000)
    assert.equal(onlyState(alice.context).conversation.receiptDue, false)
  })

  it('keeps nothing of a contact that is removed', async () => {
    const { id } = onlyState(alice.context).contact
    await bench.run(markRead(alice.context, onlyState(alice.context).conversation.id))
    await bench.clock.advance(500)
    const pending = bench.clock.pending
    alice.published.length = 0
    await bench.run(removeContact(alice.context, id))
    assert.ok(bench.clock.pending < pending, 'what was read is not told again')
    alice.context.owesReceipt(id)
    await bench.clock.advance(20_000)
    assert.deepEqual(alice.published, [])
  })

  it('to somebody blocked is none', async () => {
    const { id } = onlyState(alice.context).contact
    await bench.run(
      alice.context.queue.run(id, (unit) => {
        if (unit.state !== undefined)
          unit.state = { ...unit.state, contact: { ...unit.state.contact, blocked: true } }
      })
    )
    alice.context.owesReceipt(id)
    await bench.clock.advance(10_000)
    assert.equal(alice.published.length, 0)
  })
})
