import assert from 'node:assert/strict'
import { parseConversationId } from '../../../src/codec/ids.js'
import { directConversationId } from '../../../src/protocol/message/conversation-id.js'
import { seeded } from '../../support/protocol-values.js'

describe('protocol/message/conversation-id', () => {
  const [alice, bob, carol] = [seeded(1)(32), seeded(2)(32), seeded(3)(32)]

  it('is the same on both sides and another for every pair', () => {
    const id = directConversationId(alice, bob)
    assert.equal(directConversationId(bob, alice), id)
    assert.equal(new Set([id, directConversationId(alice, carol), directConversationId(bob, carol)]).size, 3)
    assert.equal(parseConversationId(id), id)
  })
})
