import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { MAX_GENERATION } from '../../../src/protocol/limits.js'
import { chooseSession, nextGeneration } from '../../../src/protocol/sessions/choose.js'
import { begin, createPerson, establish } from '../../support/protocol-parties.js'
import { hexOf } from '../../support/protocol-endpoint.js'
import { deepFrozen, must, seeded } from '../../support/protocol-values.js'

const template = establish(1).alice
const [mine, theirs, older] = [1, 2, 3].map((fill) => new Uint8Array(16).fill(fill)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array
]

function session(id: number, generation: number, change: Partial<Session> = {}): Session {
  return deepFrozen({
    ...template,
    id: seeded(id)(32),
    generation,
    ownIncarnation: mine,
    theirIncarnation: theirs,
    ...change
  })
}

/** As the other side has it. */
function mirrored(one: Session): Session {
  return { ...one, ownIncarnation: one.theirIncarnation, theirIncarnation: one.ownIncarnation }
}

describe('protocol/sessions/choose', () => {
  it('takes the highest generation, then the smallest hash of the id', () => {
    const [one, two, three] = [session(1, 1), session(2, 2), session(3, 2)]
    const [small] = [two, three].sort((a, b) => (hash(a) < hash(b) ? -1 : 1))
    assert.equal(chooseSession([one, two, three], mine, theirs), small)
    assert.equal(chooseSession([three, one, two], mine, theirs), small)
    assert.equal(chooseSession([], mine, theirs), undefined)
  })

  it('asks for the hash only of sessions of one generation', () => {
    for (let id = 10; id < 20; id++) {
      const [older, newer] = [session(id, 1), session(id + 1, 2)]
      assert.equal(chooseSession([older, newer], mine, theirs), newer)
      assert.equal(chooseSession([newer, older], mine, theirs), newer)
    }
  })

  it('leaves sessions of older incarnations for receiving only', () => {
    const current = session(1, 1)
    const restored = session(2, 9, { theirIncarnation: older })
    const before = session(3, 9, { ownIncarnation: older })
    assert.equal(chooseSession([restored, current, before], mine, theirs), current)
    assert.equal(chooseSession([restored, before], mine, theirs), undefined)
  })

  it('numbers a new session above all others', () => {
    assert.equal(nextGeneration([]), 1)
    assert.equal(nextGeneration([session(1, 4), session(2, 2)]), 5)
    assert.equal(nextGeneration([session(1, MAX_GENERATION - 1)]), MAX_GENERATION)
    assert.equal(
      nextGeneration([session(1, MAX_GENERATION)]),
      MAX_GENERATION,
      'and no hello is refused for it'
    )
  })

  it('is the same on both sides once each has seen the other’s hellos, whatever the order', () => {
    const events = fc.array(
      fc.record({
        side: fc.constantFrom(0, 1),
        act: fc.constantFrom('begin', 'deliver', 'deliver'),
        pick: fc.nat({ max: 99 })
      }),
      { maxLength: 60 }
    )
    fc.assert(
      fc.property(events, fc.nat(), (script, seed) => {
        const known: [Session[], Session[]] = [[], []]
        const underWay: [Session[], Session[]] = [[], []]
        const deliver = (side: 0 | 1, pick: number): void => {
          const [hello] = underWay[side].splice(pick % Math.max(1, underWay[side].length), 1)
          if (hello !== undefined) known[side].push(mirrored(hello))
        }
        for (const [index, { side, act, pick }] of script.entries()) {
          const [from, to] = side === 0 ? ([0, 1] as const) : ([1, 0] as const)
          if (act === 'deliver') deliver(from, pick)
          else {
            const incarnations = from === 0 ? {} : { ownIncarnation: theirs, theirIncarnation: mine }
            const begun = session(seed + index, nextGeneration(known[from]), incarnations)
            known[from].push(begun)
            underWay[to].push(begun)
          }
        }
        for (const side of [0, 1] as const) while (underWay[side].length > 0) deliver(side, 0)
        const [one, other] = [chooseSession(known[0], mine, theirs), chooseSession(known[1], theirs, mine)]
        assert.equal(one && hexOf(one.id), other && hexOf(other.id))
      })
    )
  })

  it('settles after one exchange when both begin at once, round after round', () => {
    // Lock-step: both write before either reads. Choosing what was decrypted last would never settle.
    const [alice, bob] = [createPerson(1), createPerson(2)]
    const [one, two] = [begin(alice, bob).session, begin(bob, alice).session]
    const seen = [one, two].map((own, side) => {
      const other = side === 0 ? two : one
      return [own, mirrored(other)]
    })
    const chosen = seen.map((sessions, side) => {
      const [own, their] = side === 0 ? [alice, bob] : [bob, alice]
      return must(chooseSession(sessions, own.own.incarnation, their.own.incarnation)).id
    })
    assert.deepEqual(chosen[0], chosen[1])
  })
})

function hash(one: Session): string {
  return createHash('sha256').update(one.id).digest('hex')
}
