import assert from 'node:assert/strict'
import { addContact } from '../../../src/messenger/contacts/contacts.js'
import { receiveInvitedHello } from '../../../src/messenger/receive/receive-hello.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { outlineEnvelope, type EnvelopeOutline } from '../../../src/protocol/envelope/envelope.js'
import { createBench, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/receive-hello', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let card: string
  let refused: string[]

  beforeEach(async () => {
    bench = createBench()
    alice = await bench.open('alice')
    bob = await bench.open('bob')
    bench.hub.partition([['alice'], ['bob']])
    card = await bench.run(makeCard(alice.context, { size: 'full' }))
    refused = []
    alice.context.events.addEventListener('envelope:reject', ({ detail }) => refused.push(detail.reason))
  })

  async function hello(from: BenchNode, text: string): Promise<EnvelopeOutline> {
    const { conversationId } = await bench.run(addContact(from.context, card))
    await bench.run(sendMessage(from.context, conversationId, text))
    await bench.clock.advance(10)
    const envelope = from.published.at(-1)
    assert.ok(envelope !== undefined)
    const outlined = outlineEnvelope(envelope, bench.clock.now())
    assert.ok(outlined.kind === 'outlined')
    return outlined.outline
  }

  async function receive(outline: EnvelopeOutline): Promise<void> {
    const match = alice.context.tags.find(outline.tag)
    assert.ok(match?.kind === 'invited')
    await bench.run(receiveInvitedHello(alice.context, outline, match.secret, match.count))
  }

  it('makes a contact, a session and a message, and uses the invite up, in one commit', async () => {
    const outline = await hello(bob, 'Moin')
    let commits = 0
    const { store } = alice.context
    const commit = store.commit.bind(store)
    store.commit = (writes) => {
      commits++
      return commit(writes)
    }
    await receive(outline)
    assert.equal(commits, 1)
    const state = onlyState(alice.context)
    assert.deepEqual(
      [state.contact.id, state.contact.origin, state.conversation.unread],
      [bob.context.ownId, 'invite', 1]
    )
    const [invite] = alice.context.invites.values()
    assert.deepEqual(
      [invite?.usedBy, invite?.oneTimeKey],
      [bob.context.own.record.identity.signing.publicKey, undefined]
    )
  })

  it('writes nothing for a hello with any byte flipped', async () => {
    const outline = await hello(bob, 'Moin')
    for (let at = 20; at < outline.bytes.length; at += 13) {
      const bytes = outline.bytes.slice()
      bytes[at] = (bytes[at] ?? 0) ^ 1
      await receive({ ...outline, bytes })
    }
    assert.equal(alice.context.queue.states.size, 0)
    assert.equal([...alice.context.invites.values()][0]?.usedBy, undefined)
    await receive(outline)
    assert.equal(alice.context.queue.states.size, 1)
  })

  it('takes the invite of one person from nobody else', async () => {
    const mallory = await bench.open('mallory')
    await receive(await hello(bob, 'Moin'))
    await receive(await hello(mallory, 'Moin too'))
    assert.deepEqual([alice.context.queue.states.size, new Set(refused)], [1, new Set(['invite-used'])])
  })

  it('makes no second session of a hello that comes again, even when the first session is gone', async () => {
    const outline = await hello(bob, 'Moin')
    await receive(outline)
    await receive(outline)
    assert.deepEqual(
      [onlyState(alice.context).sessions.length, onlyState(alice.context).conversation.unread],
      [1, 1]
    )
    await bench.run(
      alice.context.queue.run(bob.context.ownId, (unit) => {
        if (unit.state !== undefined) unit.state = { ...unit.state, sessions: [] }
      })
    )
    await receive(outline)
    assert.deepEqual([onlyState(alice.context).sessions, refused.at(-1)], [[], 'replayed-hello'])
  })

  it('does not take its own hello for somebody else', async () => {
    const outline = await hello(bob, 'Moin')
    await receive(outline)
    await assert.rejects(bench.run(addContact(alice.context, card)), { code: 'CARD_OF_SELF' })
  })
})
