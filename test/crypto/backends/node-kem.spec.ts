import assert from 'node:assert/strict'
import * as nodeCrypto from 'node:crypto'
import { kem } from '../../../src/crypto/backends/node-kem.js'
import { primitives as portable } from '../../../src/crypto/backends/noble.js'

describe('ML-KEM in Node', () => {
  it('is the native one where there is one', () => {
    const hasOne = 'decapsulate' in nodeCrypto && Number.parseFloat(process.versions.openssl) >= 3.5
    assert.equal(kem.decapsulate !== portable.decapsulate, hasOne)
  })

  it('gives the secret that was carried', () => {
    const seed = Uint8Array.from({ length: 64 }, (_, index) => 255 - index)
    const publicKey = kem.kemPublicKey(seed)
    assert.deepEqual(publicKey, portable.kemPublicKey(seed))
    const { ciphertext, sharedSecret } = portable.encapsulate(publicKey, seed.subarray(32)) ?? assert.fail()
    assert.deepEqual(kem.decapsulate(ciphertext, seed), sharedSecret)
  })
})
