import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import {
  hkdf,
  hkdfBoundKey,
  hkdfExpand,
  hkdfThreeKeys,
  MAX_HKDF_BYTES,
  passwordKey
} from '../../src/crypto/kdf.js'
import { hex, utf8 } from '../support/vectors.js'

describe('HKDF', () => {
  it('derives what node:crypto derives', () => {
    const input = fc.uint8Array({ maxLength: 200, size: 'max' })
    fc.assert(
      fc.property(input, input, input, fc.integer({ min: 1, max: 300 }), (ikm, salt, info, length) => {
        const expected = new Uint8Array(hkdfSync('sha256', ikm, salt, info, length))
        assert.deepEqual(hkdf(ikm, salt, info, length), expected)
      })
    )
  })

  it('gives one key whose info is in two parts, or three keys at once', () => {
    const input = fc.uint8Array({ maxLength: 80, size: 'max' })
    fc.assert(
      fc.property(input, input, input, input, (ikm, salt, one, other) => {
        const info = Uint8Array.from([...one, ...other])
        assert.deepEqual(hkdfBoundKey(ikm, salt, one, other), hkdf(ikm, salt, info, 32))
        const keys = hkdfThreeKeys(ikm, salt, info)
        assert.deepEqual(
          keys.flatMap((key) => [...key]),
          [...hkdf(ikm, salt, info, 96)]
        )
      })
    )
  })

  it('derives up to its limit and not beyond', () => {
    const key = new Uint8Array(32)
    assert.equal(hkdfExpand(key, key, MAX_HKDF_BYTES).length, 8160)
    assert.equal(hkdfExpand(key, key, 0).length, 0)
    for (const length of [MAX_HKDF_BYTES + 1, -1, 1.5, Number.NaN]) {
      assert.throws(() => hkdfExpand(key, key, length), RangeError)
    }
  })
})

describe('a password key', () => {
  const salt = utf8('SodiumChloride')
  const cost = { N: 16384, r: 8, p: 1 }

  it('is what RFC 7914 says, §12', () => {
    // The first half of the 64 bytes there: scrypt ends in PBKDF2 (§6), whose first block does not know the second.
    const expected = hex('7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2')
    assert.deepEqual(passwordKey('pleaseletmein', salt, cost), expected)
  })

  it('is the same however the characters were composed', () => {
    const small = { N: 16, r: 1, p: 1 }
    assert.deepEqual(passwordKey('Gro\u0308de', salt, small), passwordKey('Gr\u00f6de', salt, small))
    assert.deepEqual(passwordKey('\ufb01sch', salt, small), passwordKey('fisch', salt, small))
    assert.notDeepEqual(passwordKey('Fisch', salt, small), passwordKey('fisch', salt, small))
  })

  it('may cost more than the 32 MiB that node:crypto allows unasked', () => {
    assert.equal(passwordKey('a', salt, { N: 2 ** 16, r: 8, p: 1 }).length, 32)
  })

  it('refuses a cost that is invalid or without measure', () => {
    const invalid = [
      { N: 0, r: 8, p: 1 },
      { N: 1, r: 8, p: 1 },
      { N: 1000, r: 8, p: 1 },
      { N: Number.NaN, r: 8, p: 1 },
      { N: Number.POSITIVE_INFINITY, r: 8, p: 1 },
      { N: -2, r: 8, p: 1 },
      { N: 16, r: 0, p: 1 },
      { N: 16, r: 8, p: 0.5 },
      { N: 2 ** 24, r: 8, p: 1 },
      { N: 2, r: 1, p: 2 ** 30 }
    ]
    for (const cost of invalid) assert.throws(() => passwordKey('a', salt, cost), RangeError)
  })
})
