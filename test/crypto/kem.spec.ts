import assert from 'node:assert/strict'
import {
  decapsulate,
  encapsulate,
  generateKemKeyPair,
  KEM_CIPHERTEXT_BYTES,
  KEM_PUBLIC_KEY_BYTES,
  KEM_SECRET_KEY_BYTES,
  kemPublicKey
} from '../../src/crypto/kem.js'

const random = (length: number) => Uint8Array.from({ length }, (_, index) => index * 3)

describe('the KEM', () => {
  const bob = generateKemKeyPair(random)
  const carried = encapsulate(bob.publicKey, random) ?? assert.fail()

  it('carries a secret from one to the other', () => {
    assert.equal(carried.ciphertext.length, KEM_CIPHERTEXT_BYTES)
    assert.equal(bob.publicKey.length, KEM_PUBLIC_KEY_BYTES)
    assert.deepEqual(decapsulate(carried.ciphertext, bob.secretKey), carried.sharedSecret)
  })

  it('takes its randomness from the source it is given', () => {
    assert.deepEqual(bob.secretKey, random(KEM_SECRET_KEY_BYTES))
    assert.deepEqual(encapsulate(bob.publicKey, random), carried)
    assert.notDeepEqual(
      encapsulate(bob.publicKey, (length) => new Uint8Array(length)),
      carried
    )
  })

  it('refuses keys and ciphertexts of another length', () => {
    assert.equal(encapsulate(bob.publicKey.subarray(1), random), undefined)
    assert.equal(encapsulate(new Uint8Array(KEM_PUBLIC_KEY_BYTES + 1), random), undefined)
    assert.equal(decapsulate(carried.ciphertext.subarray(1), bob.secretKey), undefined)
    assert.equal(decapsulate(new Uint8Array(0), bob.secretKey), undefined)
    assert.equal(decapsulate(carried.ciphertext, bob.secretKey.subarray(1)), undefined)
    assert.throws(() => kemPublicKey(bob.secretKey.subarray(1)), RangeError)
  })

  it('refuses a public key with a coefficient out of range', () => {
    const overflown = bob.publicKey.slice().fill(0xff, 0, 3)
    assert.equal(encapsulate(overflown, random), undefined)
  })

  it('refuses a random source that falls short', () => {
    assert.throws(() => generateKemKeyPair(() => new Uint8Array(32)), RangeError)
    assert.throws(() => encapsulate(bob.publicKey, () => new Uint8Array(31)), RangeError)
  })
})
