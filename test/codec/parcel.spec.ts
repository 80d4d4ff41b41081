import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  decodeParcel,
  encodeParcel,
  MAX_PARCEL_BYTES,
  PARCEL_ROOM,
  PARCEL_SALT_BYTES,
  parcelShare
} from '../../src/codec/parcel.js'
import { anyBytes, flipped, joined, must, mutated } from '../support/protocol-values.js'

const SALT = new Uint8Array(PARCEL_SALT_BYTES).fill(5)

describe('codec/parcel', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(fc.array(anyBytes(100), { minLength: 1, maxLength: 20 }), (envelopes) => {
        const parcel = encodeParcel(envelopes, SALT)
        assert.deepEqual(decodeParcel(parcel), envelopes)
        assert.equal(
          parcel.length,
          1 + SALT.length + envelopes.reduce((sum, one) => sum + parcelShare(one), 0)
        )
      })
    )
  })

  it('is another gossip message with another salt, and holds the same', () => {
    const [one, two] = [encodeParcel([SALT], SALT), encodeParcel([SALT], new Uint8Array(8))]
    assert.notDeepEqual(one, two)
    assert.deepEqual(decodeParcel(one), decodeParcel(two))
  })

  it('holds as much as it says and no more', () => {
    const full = [new Uint8Array(32_768), new Uint8Array(PARCEL_ROOM - 32_770 - 2)]
    const parcel = encodeParcel(full, SALT)
    assert.equal(parcel.length, MAX_PARCEL_BYTES)
    assert.deepEqual(decodeParcel(parcel), full)
    assert.equal(decodeParcel(joined(parcel, new Uint8Array(1))), undefined)
  })

  it('refuses an empty one, another version and any cut', () => {
    const parcel = encodeParcel([new Uint8Array(30).fill(1), new Uint8Array(30)], SALT)
    assert.equal(decodeParcel(encodeParcel([], SALT)), undefined)
    for (let mask = 1; mask < 256; mask += 1) assert.equal(decodeParcel(flipped(parcel, 0, mask)), undefined)
    const whole = 1 + SALT.length + 32
    for (let length = 0; length < parcel.length; length += 1) {
      // Cut between two envelopes it is a parcel of one.
      assert.equal(decodeParcel(parcel.subarray(0, length))?.length, length === whole ? 1 : undefined)
    }
  })

  it('takes any and mutated bytes without throwing', () => {
    const parcel = encodeParcel([new Uint8Array(40), new Uint8Array(7)], SALT)
    fc.assert(
      fc.property(fc.oneof(anyBytes(200), mutated(parcel)), (bytes) => {
        const envelopes = decodeParcel(bytes)
        if (envelopes === undefined) return
        assert.ok(envelopes.length > 0)
        assert.deepEqual(encodeParcel(envelopes, bytes.slice(1, 9)), bytes)
      }),
      { numRuns: 500 }
    )
  })

  it('gives views on what came, not copies', () => {
    const parcel = encodeParcel([SALT], SALT)
    assert.equal(must(decodeParcel(parcel)?.[0]).buffer, parcel.buffer)
  })
})
