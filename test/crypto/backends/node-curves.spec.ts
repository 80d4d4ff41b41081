import assert from 'node:assert/strict'
import {
  dhPublicKey,
  diffieHellman,
  forget,
  MAX_RECENT_KEYS,
  sign,
  signingPublicKey,
  verify
} from '../../../src/crypto/backends/node-curves.js'
import { primitives as portable } from '../../../src/crypto/backends/noble.js'

const message = new TextEncoder().encode('moin')

describe('the curves in Node', () => {
  it('give the right answers when keys leave the memory of recent ones and come back', () => {
    const secretKeys = Array.from({ length: MAX_RECENT_KEYS + 2 }, (_, index) =>
      new Uint8Array(32).fill(index)
    )
    const first = secretKeys.map((secretKey) => dhPublicKey(secretKey))
    const again = secretKeys.map((secretKey) => dhPublicKey(secretKey))
    assert.deepEqual(again, first)
    assert.equal(new Set(first.map((key) => key.join())).size, secretKeys.length)
    assert.deepEqual(first[3], portable.dhPublicKey(new Uint8Array(32).fill(3)))
  })

  it('keep the keys of the two curves apart', () => {
    const secretKey = new Uint8Array(32).fill(9)
    const peer = portable.dhPublicKey(new Uint8Array(32).fill(4))
    assert.deepEqual(sign(message, secretKey), portable.sign(message, secretKey))
    assert.deepEqual(diffieHellman(secretKey, peer), portable.diffieHellman(secretKey, peer))
    assert.deepEqual(signingPublicKey(secretKey), portable.signingPublicKey(secretKey))
  })

  it('do not confuse a key with what its memory held before', () => {
    const secretKey = new Uint8Array(32).fill(1)
    dhPublicKey(secretKey)
    secretKey.fill(2)
    assert.deepEqual(dhPublicKey(secretKey), portable.dhPublicKey(new Uint8Array(32).fill(2)))
  })

  it('still serve a key they were told to forget', () => {
    const secretKey = new Uint8Array(32).fill(7)
    const publicKey = dhPublicKey(secretKey)
    forget(secretKey)
    forget(secretKey)
    assert.deepEqual(dhPublicKey(secretKey), publicKey)
  })

  it('verify again with a key they have checked before', () => {
    const secretKey = new Uint8Array(32).fill(8)
    const publicKey = signingPublicKey(secretKey)
    const signature = sign(message, secretKey)
    for (let round = 0; round < 3; round++) {
      assert.equal(verify(signature, message, publicKey), true)
      assert.equal(verify(signature, publicKey, publicKey), false)
    }
  })
})
