import assert from 'node:assert/strict'
import { encodeConversationId, encodeIdentityId, encodeMessageId } from '../../src/codec/ids.js'
import type { Message, MessageStatus } from '../../src/index.js'
import { encodePrefix, LANE_OPEN, LANE_TAGGED } from '../../src/protocol/envelope/envelope.js'
import { Checker } from '../../src/simulator/checker.js'

const alice = encodeIdentityId(new Uint8Array(20).fill(1))
const bob = encodeIdentityId(new Uint8Array(20).fill(2))

function message(text: string, status: MessageStatus, own: boolean): Message {
  return {
    id: encodeMessageId(new Uint8Array(16).fill(text.length)),
    conversationId: encodeConversationId(new Uint8Array(20)),
    sender: alice,
    own,
    content: { kind: 'text', text },
    priority: 'routine',
    sentAt: 0,
    storedAt: 0,
    status,
    position: ''
  }
}

/** A checker of a run in which alice has sent 'hello' to bob. */
function createChecker(): Checker {
  const checker = new Checker(() => 0)
  checker.introduce('alice', alice)
  checker.introduce('bob', bob)
  checker.attempt('alice', 'bob', 'hello').isAcknowledged = true
  return checker
}

const rules = ({ violations }: Checker): string[] => violations.map(({ rule }) => rule)
const received = { kind: 'receive', message: message('hello', 'delivered', false) } as const
const update = (status: MessageStatus) =>
  ({ kind: 'update', message: message('hello', status, true) }) as const
const publish = (lane: number, byte: number) => {
  const envelope = new Uint8Array(512).fill(byte)
  envelope.set(encodePrefix(lane, 1, new Uint8Array(16).fill(9)))
  return { kind: 'publish', envelope } as const
}

describe('simulator/checker', () => {
  it('has nothing to say of a letter that arrives, is receipted and is kept', () => {
    const checker = createChecker()
    for (const status of ['sent', 'delivered', 'read'] as const) checker.observe('alice', update(status))
    checker.observe('bob', received)
    checker.compare('alice', 'bob', [message('hello', 'read', true)])
    checker.compare('bob', 'alice', [message('hello', 'read', false)])
    checker.finish()
    assert.deepEqual(rules(checker), [])
  })

  it('notices a letter that is shown or held twice', () => {
    const checker = createChecker()
    checker.observe('bob', received)
    checker.observe('bob', received)
    checker.compare('bob', 'alice', [received.message, received.message])
    assert.deepEqual(rules(checker), ['delivered-once', 'delivered-once'])
  })

  it('notices a letter that nobody sent, or not so', () => {
    const checker = createChecker()
    checker.observe('bob', { kind: 'receive', message: message('other', 'delivered', false) })
    checker.observe('carol', received)
    checker.observe('bob', { kind: 'receive', message: { ...received.message, sender: bob } })
    checker.compare('bob', 'alice', [message('hello', 'sent', true)])
    assert.deepEqual(rules(checker).slice(0, 4), Array(4).fill('delivered-as-sent'))
  })

  it('notices a status that falls, and lets an expired letter arrive after all', () => {
    const checker = createChecker()
    for (const status of ['expired', 'delivered', 'sent'] as const) checker.observe('alice', update(status))
    assert.deepEqual(rules(checker), ['status-only-rises'])
  })

  it('notices a key used twice, and neither a repetition nor the tag of an open hello', () => {
    const checker = createChecker()
    checker.observe('alice', publish(LANE_TAGGED, 1))
    checker.observe('alice', publish(LANE_TAGGED, 1))
    checker.observe('bob', publish(LANE_TAGGED, 2))
    checker.observe('alice', publish(LANE_OPEN, 1))
    checker.observe('alice', publish(LANE_OPEN, 2))
    assert.deepEqual(rules(checker), [])
    checker.observe('alice', publish(LANE_TAGGED, 2))
    assert.deepEqual(rules(checker), ['key-used-once'])
  })

  it('takes no copy that was garbled on its way for a key used twice', () => {
    const checker = createChecker()
    checker.observe('alice', publish(LANE_TAGGED, 1))
    const { kind, envelope } = publish(LANE_TAGGED, 1)
    envelope[300] = 0
    checker.observe('alice', { kind, envelope })
    assert.deepEqual(rules(checker), [])
    // As little as two seals of one plaintext may differ by: what authenticates them.
    envelope.fill(0xa5, -16)
    checker.observe('alice', { kind, envelope })
    assert.deepEqual(rules(checker), ['key-used-once'])
  })

  it('notices a letter that is called delivered and is not there, and one that is gone', () => {
    const checker = createChecker()
    checker.observe('alice', update('delivered'))
    checker.compare('alice', 'bob', [])
    checker.compare('bob', 'alice', [])
    checker.finish()
    assert.deepEqual(rules(checker), ['acknowledged-is-kept', 'delivered-is-stored'])
  })

  it('notices an identity that changes', () => {
    const checker = createChecker()
    checker.observe('alice', { kind: 'change', change: 'device' })
    assert.deepEqual(rules(checker), ['identity-stays'])
  })
})
