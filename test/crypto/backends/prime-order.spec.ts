import assert from 'node:assert/strict'
import { primeOrderPoint } from '../../../src/crypto/backends/prime-order.js'
import { primitives } from '../../../src/crypto/backends/noble.js'
import { signWithTorsion, smallOrderKeys } from '../../support/torsion.js'
import { hex, utf8 } from '../../support/vectors.js'

describe('a signing key of prime order', () => {
  const seed = new Uint8Array(32).fill(3)

  it('is every honest one', () => {
    const publicKey = primitives.signingPublicKey(seed)
    assert.deepEqual(primeOrderPoint(publicKey)?.toBytes(), publicKey)
  })

  it('is none of small order', () => {
    assert.equal(smallOrderKeys.length, 8)
    for (const key of smallOrderKeys) assert.equal(primeOrderPoint(key), undefined)
  })

  it('is none with a component of small order', () => {
    for (let index = 0; index < 8; index++) {
      const { publicKey } = signWithTorsion(seed, utf8('moin'), index, 0)
      const isHonest = smallOrderKeys[index]?.[0] === 1 && smallOrderKeys[index]?.[31] === 0
      assert.equal(primeOrderPoint(publicKey) !== undefined, isHonest)
    }
  })

  it('is none with a non-canonical encoding', () => {
    const zeros = '00'.repeat(30)
    const ones = 'ff'.repeat(30)
    const nonCanonical = [
      `01${zeros}80`, // x = 0 with the sign bit
      ...Array.from({ length: 19 }, (_, y) => [
        `${(0xed + y).toString(16)}${ones}7f`,
        `${(0xed + y).toString(16)}${ones}ff`
      ]).flat()
    ]
    for (const key of nonCanonical) assert.equal(primeOrderPoint(hex(key)), undefined)
  })

  it('is nothing off the curve', () => {
    const offCurve = Array.from({ length: 40 }, (_, y) =>
      hex(`${y.toString(16).padStart(2, '0')}${'00'.repeat(31)}`)
    )
    const decodable = offCurve.filter((key) => primeOrderPoint(key) !== undefined)
    assert.ok(decodable.length < offCurve.length)
  })
})
