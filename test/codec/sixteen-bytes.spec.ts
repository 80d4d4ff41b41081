import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sixteenBytesKey } from '../../src/codec/sixteen-bytes.js'

describe('codec/sixteen-bytes', () => {
  it('gives the same key for the same sixteen bytes and no others', () => {
    const bytes = fc.uint8Array({ minLength: 16, maxLength: 40 })
    fc.assert(
      fc.property(bytes, bytes, (one, other) => {
        const isSame = one.subarray(0, 16).every((byte, at) => byte === other[at])
        assert.equal(sixteenBytesKey(one) === sixteenBytesKey(other), isSame)
      })
    )
    for (let place = 0; place < 16; place++) {
      const one = new Uint8Array(32).fill(7)
      const other = one.with(place, 8)
      assert.notEqual(sixteenBytesKey(one), sixteenBytesKey(other))
    }
  })

  it('reads views, not what lies around them', () => {
    const bytes = Uint8Array.from({ length: 48 }, (_, index) => index)
    assert.equal(sixteenBytesKey(bytes.subarray(16, 32)), sixteenBytesKey(bytes.slice(16)))
  })

  it('takes what is missing as zeros', () => {
    assert.equal(sixteenBytesKey(Uint8Array.of(1)), sixteenBytesKey(Uint8Array.of(1, ...new Uint8Array(15))))
  })
})
