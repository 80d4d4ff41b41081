import assert from 'node:assert/strict'
import fc from 'fast-check'
import { primitives as portable } from '../../../src/crypto/backends/noble.js'
import { primitives as native } from '../../../src/crypto/backends/node.js'
import { conformPrimitives } from '../../conformance/primitives.js'

conformPrimitives('node:crypto', native)

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const upTo = (length: number) => fc.uint8Array({ maxLength: length })
const hashName = fc.constantFrom('sha256', 'sha512')

describe('the two backends', () => {
  it('hash alike', () => {
    fc.assert(
      fc.property(hashName, fc.array(upTo(3000), { maxLength: 4, size: 'max' }), (name, parts) => {
        assert.deepEqual(native.hash(name, parts), portable.hash(name, parts))
      }),
      { numRuns: 200 }
    )
  })

  it('authenticate alike, with keys shorter and longer than a block', () => {
    fc.assert(
      fc.property(
        hashName,
        fc.uint8Array({ maxLength: 300, size: 'max' }),
        fc.array(fc.uint8Array({ maxLength: 3000, size: 'max' }), { maxLength: 3 }),
        (name, key, parts) => {
          assert.deepEqual(native.hmac(name, key, parts), portable.hmac(name, key, parts))
        }
      ),
      { numRuns: 200 }
    )
  })

  it('stretch passwords alike', () => {
    const cost = fc.record({
      N: fc.constantFrom(2, 16, 64),
      r: fc.integer({ min: 1, max: 8 }),
      p: fc.integer({ min: 1, max: 3 })
    })
    fc.assert(
      fc.property(upTo(80), upTo(40), cost, (password, salt, cost) => {
        assert.deepEqual(native.scrypt(password, salt, cost, 32), portable.scrypt(password, salt, cost, 32))
      }),
      { numRuns: 30 }
    )
  })

  it('seal alike and open what the other sealed', () => {
    fc.assert(
      fc.property(bytes(32), bytes(12), upTo(2000), upTo(100), (key, nonce, plaintext, associatedData) => {
        const sealed = native.seal(key, nonce, plaintext, associatedData, 0)
        assert.deepEqual(portable.seal(key, nonce, plaintext, associatedData, 0), sealed)
        assert.deepEqual(portable.open(key, nonce, sealed, associatedData), plaintext)
        assert.deepEqual(native.open(key, nonce, sealed, associatedData), plaintext)
      }),
      { numRuns: 200 }
    )
  })

  it('refuse alike what is not sealed', () => {
    fc.assert(
      fc.property(
        bytes(32),
        bytes(12),
        fc.uint8Array({ minLength: 16, maxLength: 200 }),
        (key, nonce, forged) => {
          assert.equal(native.open(key, nonce, forged, nonce), undefined)
          assert.equal(portable.open(key, nonce, forged, nonce), undefined)
        }
      )
    )
  })

  it('agree on Diffie-Hellman keys and secrets, whatever the public key', () => {
    fc.assert(
      fc.property(bytes(32), bytes(32), (secretKey, publicKey) => {
        assert.deepEqual(native.dhPublicKey(secretKey), portable.dhPublicKey(secretKey))
        assert.deepEqual(
          native.diffieHellman(secretKey, publicKey),
          portable.diffieHellman(secretKey, publicKey)
        )
      }),
      { numRuns: 100 }
    )
  })

  it('sign alike and verify what the other signed', () => {
    fc.assert(
      fc.property(bytes(32), upTo(500), (secretKey, message) => {
        const publicKey = native.signingPublicKey(secretKey)
        const signature = native.sign(message, secretKey)
        assert.deepEqual(portable.signingPublicKey(secretKey), publicKey)
        assert.deepEqual(portable.sign(message, secretKey), signature)
        assert.equal(native.verify(signature, message, publicKey), true)
        assert.equal(portable.verify(signature, message, publicKey), true)
      }),
      { numRuns: 60 }
    )
  })

  it('refuse alike a signature, message or key with one bit changed', () => {
    const bit = fc.integer({ min: 0, max: 64 * 8 - 1 })
    fc.assert(
      fc.property(bytes(32), bytes(20), bit, fc.nat(2), (secretKey, message, at, which) => {
        const signed = [
          portable.sign(message, secretKey),
          message,
          portable.signingPublicKey(secretKey)
        ] as const
        const [signature, text, key] = signed.map((part, index) => (index === which ? flip(part, at) : part))
        assert.ok(signature !== undefined && text !== undefined && key !== undefined)
        assert.equal(native.verify(signature, text, key), false)
        assert.equal(portable.verify(signature, text, key), false)
      }),
      { numRuns: 60 }
    )
  })

  it('agree on KEM keys and secrets, carried or forged', () => {
    fc.assert(
      fc.property(bytes(64), bytes(32), fc.integer({ min: 0, max: 1088 * 8 - 1 }), (seed, m, at) => {
        const publicKey = native.kemPublicKey(seed)
        assert.deepEqual(portable.kemPublicKey(seed), publicKey)
        const carried = native.encapsulate(publicKey, m) ?? assert.fail()
        assert.deepEqual(portable.encapsulate(publicKey, m), carried)
        assert.deepEqual(native.decapsulate(carried.ciphertext, seed), carried.sharedSecret)
        assert.deepEqual(portable.decapsulate(carried.ciphertext, seed), carried.sharedSecret)
        const forged = flip(carried.ciphertext, at)
        assert.deepEqual(native.decapsulate(forged, seed), portable.decapsulate(forged, seed))
      }),
      { numRuns: 30 }
    )
  })
})

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const at = Math.floor(bit / 8) % bytes.length
  return bytes.map((byte, index) => (index === at ? byte ^ (1 << (bit % 8)) : byte))
}
