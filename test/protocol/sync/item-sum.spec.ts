import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sha256 } from '../../../src/crypto/hash.js'
import { addId, addSum, emptySum, fingerprintOf, subtractId } from '../../../src/protocol/sync/item-sum.js'

const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
const MODULUS = 1n << 256n

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}

function valueOf(sum: Uint32Array): bigint {
  return [...sum].reduceRight((value, word) => (value << 32n) + BigInt(word), 0n)
}

describe('protocol/sync/item-sum', () => {
  it('adds and takes away ids as numbers modulo 2^256', () => {
    fc.assert(
      fc.property(fc.array(id), id, (added, taken) => {
        const sum = emptySum()
        for (const one of added) addId(sum, one, 0)
        subtractId(sum, taken, 0)
        const expected = added.reduce((total, one) => total + numberOf(one), -numberOf(taken))
        assert.equal(valueOf(sum), ((expected % MODULUS) + MODULUS) % MODULUS)
      })
    )
  })

  it('adds and takes away sums', () => {
    fc.assert(
      fc.property(id, id, (one, other) => {
        const [sum, more] = [emptySum(), emptySum()]
        addId(sum, one, 0)
        addId(more, other, 0)
        const sums = new Uint32Array([...emptySum(), ...more])
        addSum(sum, sums, 8, 1)
        assert.equal(valueOf(sum), (numberOf(one) + numberOf(other)) % MODULUS)
        addSum(sum, sums, 8, -1)
        assert.equal(valueOf(sum), numberOf(one))
      })
    )
  })

  it('makes a fingerprint of sum and count', () => {
    const sum = emptySum()
    addId(sum, new Uint8Array(32).fill(3), 0)
    const input = Buffer.concat([
      Buffer.from('hallig/1/sync/fingerprint'),
      Buffer.alloc(32, 3),
      Buffer.from([0, 0, 0, 7])
    ])
    assert.deepEqual(fingerprintOf(sum, 7), sha256(input).slice(0, 16))
  })
})
