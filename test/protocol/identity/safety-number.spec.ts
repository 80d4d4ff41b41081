import assert from 'node:assert/strict'
import {
  generateIdentity,
  publicIdentity,
  type PublicIdentity
} from '../../../src/protocol/identity/identity.js'
import { safetyNumber } from '../../../src/protocol/identity/safety-number.js'
import { flipped, seeded } from '../../support/protocol-values.js'

function identity(seed: number): PublicIdentity {
  return publicIdentity(generateIdentity(seeded(seed)))
}

describe('protocol/identity/safety-number', () => {
  const [alice, bob] = [identity(1), identity(2)]

  it('is sixty digits in twelve groups, the same on both sides', () => {
    const number = safetyNumber(alice, bob)
    assert.match(number, /^\d{5}( \d{5}){11}$/)
    assert.equal(safetyNumber(bob, alice), number)
  })

  it('changes with any of the four keys', () => {
    const others = [
      safetyNumber({ ...alice, signingKey: flipped(alice.signingKey, 0) }, bob),
      safetyNumber({ ...alice, dhKey: flipped(alice.dhKey, 31) }, bob),
      safetyNumber(alice, { ...bob, signingKey: flipped(bob.signingKey, 31) }),
      safetyNumber(alice, { ...bob, dhKey: flipped(bob.dhKey, 0) }),
      safetyNumber({ signingKey: alice.dhKey, dhKey: alice.signingKey }, bob),
      safetyNumber({ ...alice, dhKey: bob.dhKey }, { ...bob, dhKey: alice.dhKey }),
      safetyNumber(alice, alice),
      safetyNumber(alice, bob)
    ]
    assert.equal(new Set(others).size, others.length)
  })

  it('uses all digits in all places', () => {
    const columns = Array.from({ length: 71 }, () => new Set<string>())
    for (let seed = 0; seed < 60; seed += 1) {
      const number = safetyNumber({ signingKey: seeded(seed)(32), dhKey: seeded(seed + 1)(32) }, bob)
      for (const [index, digits] of columns.entries()) digits.add(number.charAt(index))
    }
    for (const [index, digits] of columns.entries())
      assert.ok(index % 6 === 5 || digits.size >= 8, `place ${index}`)
  })
})
