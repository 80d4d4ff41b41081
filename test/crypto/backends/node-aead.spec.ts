import assert from 'node:assert/strict'
import { getCiphers } from 'node:crypto'
import { aead } from '../../../src/crypto/backends/node-aead.js'
import { primitives as portable } from '../../../src/crypto/backends/noble.js'

describe('ChaCha20-Poly1305 in Node', () => {
  it('is the native one where there is one', () => {
    assert.equal(aead.seal !== portable.seal, getCiphers().includes('chacha20-poly1305'))
  })

  it('gives the same for short input and long, which it is given one after the other', () => {
    const bytes = (length: number, from: number): Uint8Array =>
      Uint8Array.from({ length }, (_, index) => from + index)
    for (const length of [70, 64, 43, 1, 0, 63, 65])
      for (const bound of [20, 0, 65, 64]) {
        const input = [bytes(32, length), bytes(12, bound), bytes(length, 3), bytes(bound, 5)] as const
        const [key, nonce, plaintext, associatedData] = input
        const sealed = aead.seal(...input, 0)
        assert.deepEqual(sealed, portable.seal(...input, 0))
        assert.deepEqual(aead.open(key, nonce, sealed, associatedData), plaintext)
      }
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
