import assert from 'node:assert/strict'
import { createPublicKey, verify as laxNodeVerify } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import fc from 'fast-check'
import { primitives as portable } from '../../src/crypto/backends/noble.js'
import { primitives as native } from '../../src/crypto/backends/node.js'
import { generateSigningKeyPair, sign, signingPublicKey, verify } from '../../src/crypto/signature.js'
import { signWithTorsion, smallOrderKeys, type TorsionCase, withLargerS } from '../support/torsion.js'
import { utf8 } from '../support/vectors.js'

const alice = generateSigningKeyPair((length) => new Uint8Array(length).fill(1))
const message = utf8('moin')
const signature = sign(message, alice.secretKey)

describe('a signature', () => {
  it('verifies for its message and key alone', () => {
    const mallory = generateSigningKeyPair((length) => new Uint8Array(length).fill(2))
    assert.equal(verify(signature, message, alice.publicKey), true)
    assert.equal(verify(signature, utf8('Moin'), alice.publicKey), false)
    assert.equal(verify(signature, message, mallory.publicKey), false)
    assert.deepEqual(alice.publicKey, signingPublicKey(alice.secretKey))
  })

  it('is refused, without an exception, whatever the bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 70, size: 'max' })
    fc.assert(
      fc.property(bytes, bytes, bytes, (signature, message, publicKey) => {
        assert.equal(verify(signature, message, publicKey), false)
      })
    )
    for (const length of [0, 63, 65]) {
      assert.equal(verify(new Uint8Array(length), message, alice.publicKey), false)
    }
    assert.equal(verify(signature, message, alice.publicKey.subarray(1)), false)
  })

  it('is refused with an S of L or more', () => {
    assertRefused({ publicKey: alice.publicKey, message, signature: withLargerS(signature) })
  })

  it('is refused with a neutral R, which would give the secret key away', () => {
    const neutral = new Uint8Array(64)
    neutral[0] = 1
    assert.equal(verify(neutral, message, alice.publicKey), false)
    assert.equal(verify(neutral, message, neutral.subarray(0, 32)), false)
  })

  it('is refused under every key of small order, for every R of small order', () => {
    for (const publicKey of smallOrderKeys) {
      for (const encodedR of smallOrderKeys) {
        const forged = new Uint8Array(64)
        forged.set(encodedR)
        assertRefused({ publicKey, message, signature: forged })
      }
    }
  })

  it('is refused with a component of small order in the key or in R, by both backends, though lax verifiers differ', () => {
    const verdicts = torsionCases().map((forged) => {
      assertRefused(forged)
      assert.equal(laxNoble(forged), true)
      assert.equal(laxOpenSsl(forged), forged.cofactorless)
      return forged.cofactorless
    })
    // Both kinds occurred, so that the cases tell a verifier with the cofactor from one without.
    assert.ok(verdicts.includes(true) && verdicts.includes(false))
  })

  it('cannot be made with a key of another length', () => {
    assert.throws(() => sign(message, new Uint8Array(64)), RangeError)
    assert.throws(() => signingPublicKey(new Uint8Array(31)), RangeError)
    assert.throws(() => generateSigningKeyPair(() => new Uint8Array(8)), RangeError)
  })
})

/** Every pair of torsion points but the neutral one twice, and messages enough for both verdicts. */
function torsionCases(): TorsionCase[] {
  const neutral = smallOrderKeys.findIndex((key) => key[0] === 1)
  const seed = new Uint8Array(32).fill(6)
  const pairs = smallOrderKeys.flatMap((_, key) => smallOrderKeys.map((_, nonce) => ({ key, nonce })))
  return pairs
    .filter(({ key, nonce }) => key !== neutral || nonce !== neutral)
    .flatMap(({ key, nonce }) => ['a', 'b'].map((text) => signWithTorsion(seed, utf8(text), key, nonce)))
}

function assertRefused(forged: Omit<TorsionCase, 'cofactorless'>): void {
  for (const verifier of [verify, native.verify, portable.verify]) {
    assert.equal(verifier(forged.signature, forged.message, forged.publicKey), false)
  }
}

function laxNoble({ signature, message, publicKey }: TorsionCase): boolean {
  return ed25519.verify(signature, message, publicKey, { zip215: false })
}

function laxOpenSsl({ signature, message, publicKey }: TorsionCase): boolean {
  const x = Buffer.from(publicKey).toString('base64url')
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  return laxNodeVerify(null, message, key, signature)
}
