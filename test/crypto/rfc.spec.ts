import assert from 'node:assert/strict'
import { open, seal } from '../../src/crypto/aead.js'
import { dhPublicKey, diffieHellman } from '../../src/crypto/dh.js'
import { hkdf, hkdfExpand, hkdfExtract } from '../../src/crypto/kdf.js'
import { sign, signingPublicKey, verify } from '../../src/crypto/signature.js'
import { loadRfc } from '../support/vectors.js'

/** The examples of the specifications through Hallig's own functions; `portable.spec` has them with the other backend. */
describe('the vectors of RFC', () => {
  for (const vector of loadRfc('rfc7748')) {
    it(`7748 hold: X25519, ${vector.name}`, () => {
      const [scalar, u] = [vector.bytes('scalar'), vector.bytes('u')]
      assert.deepEqual(diffieHellman(scalar, u), vector.bytes('product'))
      if (vector.has('publicKey')) assert.deepEqual(dhPublicKey(scalar), vector.bytes('publicKey'))
    })
  }

  for (const vector of loadRfc('rfc7748-iterated')) {
    it(`7748 hold: X25519 of its own output, ${vector.name}`, () => {
      let k: Uint8Array = Uint8Array.of(9, ...new Uint8Array(31))
      let u = k
      for (let round = 0; round < vector.number('rounds'); round++) {
        const product = diffieHellman(k, u)
        assert.ok(product !== undefined)
        u = k
        k = product
      }
      assert.deepEqual(k, vector.bytes('k'))
    })
  }

  for (const vector of loadRfc('rfc8032')) {
    it(`8032 hold: Ed25519, ${vector.name}`, () => {
      const [secretKey, publicKey] = [vector.bytes('secretKey'), vector.bytes('publicKey')]
      const [message, signature] = [vector.bytes('message'), vector.bytes('signature')]
      assert.deepEqual(signingPublicKey(secretKey), publicKey)
      assert.deepEqual(sign(message, secretKey), signature)
      assert.equal(verify(signature, message, publicKey), true)
      assert.equal(verify(signature, Uint8Array.of(...message, 0), publicKey), false)
    })
  }

  for (const vector of loadRfc('rfc5869')) {
    it(`5869 hold: HKDF-SHA256, ${vector.name}`, () => {
      const [ikm, salt, info] = [vector.bytes('ikm'), vector.bytes('salt'), vector.bytes('info')]
      const size = vector.number('size')
      assert.deepEqual(hkdfExtract(ikm, salt), vector.bytes('prk'))
      assert.deepEqual(hkdfExpand(vector.bytes('prk'), info, size), vector.bytes('okm'))
      assert.deepEqual(hkdf(ikm, salt, info, size), vector.bytes('okm'))
    })
  }

  for (const vector of loadRfc('rfc8439')) {
    it(`8439 hold: ChaCha20-Poly1305, ${vector.name}`, () => {
      const [key, nonce, bound] = [vector.bytes('key'), vector.bytes('nonce'), vector.bytes('associatedData')]
      const [plaintext, sealed] = [vector.bytes('plaintext'), vector.bytes('sealed')]
      assert.deepEqual(seal(key, nonce, plaintext, bound), sealed)
      assert.deepEqual(open(key, nonce, sealed, bound), plaintext)
      assert.equal(open(key, nonce, sealed, plaintext), undefined)
    })
  }
})
