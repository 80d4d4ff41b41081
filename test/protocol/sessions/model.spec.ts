import assert from 'node:assert/strict'
import { createInvite, createPerson } from '../../support/protocol-parties.js'
import { PairNode } from '../../support/protocol-node.js'
import { seeded } from '../../support/protocol-values.js'

// Keys are dear; sessions are new in every run.
const [alice, bob] = [createPerson(1), createPerson(2)]

function createPair(seed: number): readonly [PairNode, PairNode] {
  const random = seeded(seed)
  const invites = [createInvite(random), createInvite(random)] as const
  return [
    new PairNode(alice, bob, invites[0], invites[1], random),
    new PairNode(bob, alice, invites[1], invites[0], random)
  ]
}

describe('protocol/sessions, two people who both begin, and any network', () => {
  it('talks in envelopes that are no hellos as soon as each has heard of the other', () => {
    const [one, other] = createPair(7)
    const crossing = [one.send('a'), other.send('b')] as const
    assert.equal(other.receive(crossing[0]), 'a')
    assert.equal(one.receive(crossing[1]), 'b')
    assert.deepEqual(one.chosen?.id, other.chosen?.id)
    // Whose session was chosen has not been answered in it yet.
    const [initiator, recipient] = one.chosen?.opening === undefined ? [other, one] : [one, other]
    const answer = recipient.send('c')
    assert.equal(answer.length, 512)
    assert.equal(initiator.receive(answer), 'c')
    const more = initiator.send('d')
    assert.equal(more.length, 512)
    assert.equal(recipient.receive(more), 'd')
  })
})
