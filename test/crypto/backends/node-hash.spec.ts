import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { hash, hashPieces, hmac, hmacNumbers } from '../../../src/crypto/backends/node-hash.js'

const NAMES = ['sha256', 'sha512'] as const

describe('one-shot hashing', () => {
  it('gives what streaming gives on both sides of every limit', () => {
    for (const name of NAMES) {
      for (const length of [
        0, 1, 63, 64, 65, 127, 128, 129, 3967, 3968, 3969, 4032, 4033, 4095, 4096, 4097, 9000
      ]) {
        const message = Uint8Array.from({ length }, (_, index) => index % 251)
        const parts = [message.subarray(0, length >> 1), message.subarray(length >> 1)]
        const expected = createHash(name).update(message).digest('hex')
        assert.equal(toHex(hash(name, [message])), expected)
        assert.equal(toHex(hash(name, parts)), expected)
        const key = message.subarray(0, 200)
        assert.equal(toHex(hmac(name, key, parts)), createHmac(name, key).update(message).digest('hex'))
      }
    }
  })

  it('leaves no trace of one call in the next', () => {
    const short = new Uint8Array(3).fill(1)
    const before = NAMES.map((name) => hmac(name, short, [short]))
    hmac('sha512', new Uint8Array(128).fill(9), [new Uint8Array(3900).fill(9)])
    hmacNumbers('sha512', new Uint8Array(128).fill(9), 9, 5)
    hashPieces('sha256', new Uint8Array(9).fill(9), new Uint8Array(64).fill(9), 32, 4)
    hash('sha256', [new Uint8Array(2000).fill(9), new Uint8Array(2000).fill(9)])
    assert.deepEqual(
      NAMES.map((name) => hmac(name, short, [short])),
      before
    )
  })
})

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
