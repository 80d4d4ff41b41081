import assert from 'node:assert/strict'
import { getCiphers } from 'node:crypto'
import { aead } from '../../../src/crypto/backends/node-aead.js'
import { primitives as portable } from '../../../src/crypto/backends/noble.js'

describe('ChaCha20-Poly1305 in Node', () => {
  it('is the native one where there is one', () => {
    assert.equal(aead.seal !== portable.seal, getCiphers().includes('chacha20-poly1305'))
  })

  it('takes views into larger memory', () => {
    const memory = Uint8Array.from({ length: 200 }, (_, index) => index)
    const [key, nonce, plaintext] = [
      memory.subarray(5, 37),
      memory.subarray(40, 52),
      memory.subarray(60, 160)
    ]
    const sealed = aead.seal(key, nonce, plaintext, memory, 0)
    assert.deepEqual(sealed, portable.seal(key, nonce, plaintext, memory, 0))
    const parcel = new Uint8Array(300)
    parcel.set(sealed, 7)
    assert.deepEqual(aead.open(key, nonce, parcel.subarray(7, 7 + sealed.length), memory), plaintext)
  })
})
