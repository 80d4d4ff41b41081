import assert from 'node:assert/strict'
import {
  answerMac,
  epochStep,
  firstAuthenticator,
  offerMac,
  type EpochExchange
} from '../../../src/protocol/post-quantum/epoch.js'
import { flipped, seeded } from '../../support/protocol-values.js'

const random = seeded(1)
const [secretKey, sessionId] = [random(32), random(32)]
const before = firstAuthenticator(secretKey, sessionId)
const fields = { epoch: 1, publicKey: random(1_184), ciphertext: random(1_088) }
const sharedSecret = random(32)

function exchange(change: Partial<EpochExchange> = {}): EpochExchange {
  return { ...fields, sharedSecret: sharedSecret.slice(), ...change }
}

describe('protocol/post-quantum/epoch', () => {
  const step = epochStep(before, exchange())

  it('gives every session authenticators of its own', () => {
    assert.notDeepEqual(firstAuthenticator(flipped(secretKey, 0), sessionId), before)
    assert.notDeepEqual(firstAuthenticator(secretKey, flipped(sessionId, 0)), before)
  })

  it('gives five keys that have nothing to do with each other', () => {
    const keys = [before.chainKey, before.macKey, step.authenticator.chainKey, step.authenticator.macKey]
    const all = [...keys, step.epochKey.key].map((key) => Buffer.from(key).toString('hex'))
    assert.equal(new Set(all).size, 5)
    assert.ok([...keys, step.epochKey.key].every(({ length }) => length === 32))
  })

  it('takes in the secret, the number, both messages of the exchange and everything before', () => {
    const others = [
      epochStep(before, exchange({ epoch: 2 })),
      epochStep(before, exchange({ publicKey: flipped(fields.publicKey, 1_183) })),
      epochStep(before, exchange({ ciphertext: flipped(fields.ciphertext, 0) })),
      epochStep(before, exchange({ sharedSecret: flipped(sharedSecret, 31) })),
      epochStep({ ...before, chainKey: flipped(before.chainKey, 0) }, exchange())
    ]
    for (const other of others) {
      assert.notDeepEqual(other.epochKey.key, step.epochKey.key)
      assert.notDeepEqual(other.authenticator, step.authenticator)
    }
    assert.deepEqual(epochStep(before, exchange()), step)
  })

  it('wipes the shared secret, of which nothing is needed any more', () => {
    const spent = exchange()
    epochStep(before, spent)
    assert.deepEqual(spent.sharedSecret, new Uint8Array(32))
  })

  it('has MACs of an offer and of an answer that say their number and their role', () => {
    const bytes = random(1_184)
    const mac = offerMac(before, 1, bytes)
    assert.notDeepEqual(offerMac(before, 2, bytes), mac)
    assert.notDeepEqual(answerMac(before, 1, bytes), mac)
    assert.notDeepEqual(offerMac(step.authenticator, 1, bytes), mac)
    assert.notDeepEqual(offerMac(before, 1, flipped(bytes, 7)), mac)
  })
})
