import assert from 'node:assert/strict'
import { DH_KEY_BYTES, dhPublicKey, diffieHellman, generateDhKeyPair } from '../../src/crypto/dh.js'

describe('Diffie-Hellman', () => {
  const alice = generateDhKeyPair((length) => new Uint8Array(length).fill(1))
  const bob = generateDhKeyPair((length) => new Uint8Array(length).fill(2))

  it('gives both the same secret', () => {
    const shared = diffieHellman(alice.secretKey, bob.publicKey)
    assert.equal(shared?.length, DH_KEY_BYTES)
    assert.deepEqual(diffieHellman(bob.secretKey, alice.publicKey), shared)
  })

  it('takes its randomness from the source it is given', () => {
    assert.deepEqual(alice.secretKey, new Uint8Array(32).fill(1))
    assert.deepEqual(alice.publicKey, dhPublicKey(alice.secretKey))
  })

  it('gives no secret for a key of another length', () => {
    for (const length of [0, 31, 33, 64]) {
      assert.equal(diffieHellman(alice.secretKey, new Uint8Array(length).fill(9)), undefined)
      assert.equal(diffieHellman(new Uint8Array(length).fill(9), bob.publicKey), undefined)
    }
    assert.throws(() => dhPublicKey(new Uint8Array(31)), RangeError)
    assert.throws(() => generateDhKeyPair(() => new Uint8Array(16)), RangeError)
  })

  it('gives no secret for a public key that would make it all zero', () => {
    assert.equal(diffieHellman(alice.secretKey, new Uint8Array(32)), undefined)
  })
})
