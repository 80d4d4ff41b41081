import assert from 'node:assert/strict'
import fc from 'fast-check'
import { createInvite, createPerson } from '../../support/protocol-parties.js'
import { PairNode } from '../../support/protocol-node.js'
import { must, seeded } from '../../support/protocol-values.js'

type Side = 0 | 1

interface Sent {
  readonly to: Side
  readonly text: string
  readonly envelope: Uint8Array
}

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

const step = fc.record({
  side: fc.constantFrom<Side>(0, 1),
  act: fc.constantFrom('send', 'send', 'deliver', 'deliver', 'deliver', 'begin'),
  pick: fc.nat({ max: 99 })
})

describe('protocol/sessions, two people who both begin, and any network', () => {
  it('delivers everything exactly once, and both settle on one session', () => {
    fc.assert(
      fc.property(fc.nat(), fc.array(step, { maxLength: 40, size: 'max' }), (seed, script) => {
        const nodes = createPair(seed)
        const all: Sent[] = []
        const delivered = new Set<string>()
        const deliver = ({ to, text, envelope }: Sent): void => {
          const received = nodes[to].receive(envelope)
          if (received === undefined) return assert.ok(delivered.has(text), `${text} was not recognised`)
          assert.equal(received, text)
          assert.ok(!delivered.has(text), `${text} came twice`)
          delivered.add(text)
        }
        for (const [index, { side, act, pick }] of script.entries()) {
          const node = nodes[side]
          if (act === 'send') {
            const text = `${side}: ${index}`
            all.push({ to: side === 0 ? 1 : 0, text, envelope: node.send(text) })
          } else if (act === 'begin') {
            // A session that is begun says hello at once.
            if (node.sessions.length < 3) {
              node.begin()
              all.push({
                to: side === 0 ? 1 : 0,
                text: `begun ${index}`,
                envelope: node.send(`begun ${index}`)
              })
            }
          } else if (all.length > 0) deliver(must(all[pick % all.length]))
        }
        for (const sent of all) deliver(sent)
        assert.equal(delivered.size, all.length)
        for (const sent of all) deliver(sent)
        const [one, other] = [nodes[0].chosen, nodes[1].chosen]
        assert.deepEqual(one?.id, other?.id)
      }),
      { numRuns: 30 }
    )
  })

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
