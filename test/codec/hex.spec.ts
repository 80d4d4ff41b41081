import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeHex, encodeHex } from '../../src/codec/hex.js'

describe('codec/hex', () => {
  it('writes bytes as everybody does, and reads them back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.equal(encodeHex(bytes), Buffer.from(bytes).toString('hex'))
        assert.deepEqual(decodeHex(encodeHex(bytes)), Uint8Array.from(bytes))
      })
    )
  })

  it('reads nothing else', () => {
    for (const text of ['0', '0g', 'AB', ' 00', '00\n']) assert.throws(() => decodeHex(text), RangeError)
  })
})
