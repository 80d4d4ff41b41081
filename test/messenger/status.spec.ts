import assert from 'node:assert/strict'
import {
  isReachable,
  loadMessage,
  ownStatus,
  toContact,
  toConversation,
  toMessage
} from '../../src/messenger/status.js'
import { withContact, withConversation } from '../../src/messenger/peer-state.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { encodeMessageId } from '../../src/codec/ids.js'
import type { MessageRecord } from '../../src/storage/records/message-record.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../support/messenger-bench.js'

describe('messenger/status', () => {
  let bench: Bench
  let alice: BenchNode

  beforeEach(async () => {
    bench = createBench()
    ;[alice] = await friends(bench)
  })

  it('tells the strongest step an own message has reached', () => {
    const { conversation } = onlyState(alice.context)
    const none = { ...conversation, sent: [], delivered: [], read: [], expired: [] }
    const one = [[1, 1]] as const
    assert.equal(ownStatus(none, 1), 'queued')
    assert.equal(ownStatus({ ...none, sent: one }, 1), 'sent')
    assert.equal(ownStatus({ ...none, sent: one, expired: one }, 1), 'expired')
    assert.equal(ownStatus({ ...none, sent: one, expired: one, delivered: one }, 1), 'delivered')
    assert.equal(ownStatus({ ...none, sent: one, delivered: one, read: one }, 1), 'read')
    assert.equal(ownStatus({ ...none, read: one }, 2), 'queued')
  })

  it('shows no message as written more than a day after it came', () => {
    const state = onlyState(alice.context)
    const record: MessageRecord = {
      id: encodeMessageId(new Uint8Array(16)),
      own: false,
      stream: new Uint8Array(8),
      number: 1,
      clock: 1,
      sentAt: 4_102_444_800_000,
      storedAt: 1_000,
      content: { kind: 'text', text: 'from 2100' },
      priority: 'routine'
    }
    assert.equal(toMessage(alice.context, state, record).sentAt, 1_000 + DAY_MS)
    assert.equal(toMessage(alice.context, state, { ...record, sentAt: 5 }).sentAt, 5)
  })

  it('finds a message by its position, and nothing where it is lost or damaged', async () => {
    const { context } = alice
    const state = onlyState(context)
    const position = state.conversation.lastPosition ?? ''
    assert.equal((await loadMessage(context, state, position))?.position, position)
    assert.equal(await loadMessage(context, state, 'nowhere'), undefined)
    await context.store.commit([
      { type: 'put', key: context.tables.message(state.contact.id, position), value: new Uint8Array(3) }
    ])
    assert.equal(await loadMessage(context, state, position), undefined)
    assert.equal('lastMessage' in (await toConversation(context, state)), false)
  })

  it('calls reachable whoever was heard within a minute, while we take part', async () => {
    const { context } = alice
    assert.equal(isReachable(context, onlyState(context)), true)
    await bench.clock.advance(120_000)
    const silent = withConversation(withContact(onlyState(context), { addresses: [] }), {
      heardAt: bench.clock.now() - 61_000
    })
    assert.equal(isReachable(context, silent), false)
    await bench.run(alice.node.stop())
    assert.equal(toContact(context, onlyState(context)).reachable, false)
  })

  it('calls nobody reachable for a clock that was ahead when somebody was heard', () => {
    const { context } = alice
    const { clock } = bench
    const state = withContact(onlyState(context), { addresses: [] })
    for (const ahead of [DAY_MS, 365 * DAY_MS]) {
      const heard = withConversation(state, { heardAt: clock.now() + ahead })
      assert.equal(isReachable(context, heard), false)
    }
  })

  it('calls nobody reachable while there is no link, whoever was heard a moment ago', () => {
    const { context } = alice
    const heard = withConversation(onlyState(context), { heardAt: bench.clock.now() })
    assert.equal(isReachable(context, heard), true)
    context.state.linked = new Set()
    assert.equal(isReachable(context, heard), false)
  })

  it('names a contact by what it was given, what it calls itself, or its id', () => {
    const { context } = alice
    const state = withContact(onlyState(context), { givenName: 'Robert', profileName: 'bob' })
    assert.equal(toContact(context, state).name, 'Robert')
    assert.equal(toContact(context, withContact(state, { givenName: '' })).name, 'bob')
    const { name } = toContact(context, withContact(state, { givenName: '', profileName: '' }))
    assert.ok(name.length > 0 && state.contact.id.startsWith(name))
  })
})
