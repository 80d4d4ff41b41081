import assert from 'node:assert/strict'
import { encodeIdentityId } from '../../../src/codec/ids.js'
import { OutboxCounts, type Counted } from '../../../src/messenger/send/outbox-counts.js'
import { EMERGENCY_RESERVE, MAX_UNACKNOWLEDGED } from '../../../src/protocol/limits.js'

const bob = encodeIdentityId(new Uint8Array(20).fill(2))
const carol = encodeIdentityId(new Uint8Array(20).fill(3))

describe('messenger/outbox-counts', () => {
  const entry = (facts: Partial<Counted> = {}): Counted => ({
    contactId: bob,
    positions: ['a', 'b'],
    priority: 'routine',
    sealed: false,
    ...facts
  })

  it('counts messages of each contact and of all, and forgets', () => {
    const counts = new OutboxCounts()
    counts.add(entry())
    counts.add(entry({ contactId: carol, sealed: true }))
    assert.deepEqual([counts.messages, counts.messagesTo(bob), counts.messagesTo(carol)], [4, 2, 2])
    counts.remove(entry())
    assert.deepEqual([counts.messages, counts.messagesTo(bob)], [2, 0])
    counts.forget(carol)
    assert.deepEqual([counts.messages, counts.roomToSeal(carol, 'emergency')], [0, MAX_UNACKNOWLEDGED])
  })

  it('leaves emergencies room that nothing else takes', () => {
    const counts = new OutboxCounts()
    const ordinary = MAX_UNACKNOWLEDGED - EMERGENCY_RESERVE
    for (let n = 0; n < ordinary / 2; n++) counts.add(entry({ sealed: true, priority: 'urgent' }))
    assert.deepEqual([counts.roomToSeal(bob, 'routine'), counts.roomToSeal(bob, 'urgent')], [0, 0])
    assert.equal(counts.roomToSeal(bob, 'emergency'), EMERGENCY_RESERVE)
  })

  it('knows the most pressing of what waits, and not of what is sealed', () => {
    const counts = new OutboxCounts()
    assert.equal(counts.waitingRank(bob), -1)
    counts.add(entry({ priority: 'emergency', sealed: true }))
    assert.equal(counts.waitingRank(bob), -1)
    counts.add(entry())
    assert.equal(counts.waitingRank(bob), 0)
    counts.add(entry({ priority: 'emergency' }))
    assert.equal(counts.waitingRank(bob), 2)
    counts.remove(entry({ priority: 'emergency' }))
    assert.equal(counts.waitingRank(bob), 0)
  })
})
