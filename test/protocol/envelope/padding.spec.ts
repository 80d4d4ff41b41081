import assert from 'node:assert/strict'
import fc from 'fast-check'
import { pad, unpad } from '../../../src/protocol/envelope/padding.js'
import { anyBytes } from '../../support/protocol-values.js'

describe('protocol/envelope/padding', () => {
  it('gives back what it padded, whatever it ends with', () => {
    const endings = fc
      .array(fc.constantFrom(0, 0x80, 1), { maxLength: 6 })
      .map((bytes) => Uint8Array.from(bytes))
    fc.assert(
      fc.property(fc.oneof(anyBytes(80), endings), fc.integer({ min: 1, max: 60 }), (content, room) => {
        const padded = pad(content, content.length + room)
        assert.equal(padded.length, content.length + room)
        assert.deepEqual(unpad(padded), content)
      })
    )
  })

  it('writes to the zeros it is given', () => {
    const zeros = new Uint8Array(9)
    const padded = pad(Uint8Array.of(5, 6), 4, zeros)
    assert.deepEqual(padded, Uint8Array.of(5, 6, 0x80, 0))
    padded.fill(0)
    assert.deepEqual(zeros, new Uint8Array(9))
  })

  it('needs room for its mark', () => {
    assert.throws(() => pad(new Uint8Array(4), 4), RangeError)
    assert.deepEqual(pad(new Uint8Array(0), 1), Uint8Array.of(0x80))
  })

  it('takes any bytes without throwing, and only with a mark', () => {
    fc.assert(
      fc.property(anyBytes(60), (bytes) => {
        const content = unpad(bytes)
        if (content !== undefined) assert.deepEqual(pad(content, bytes.length), bytes)
      })
    )
    for (const bytes of [[], [0], [0, 0, 0], [1], [0x80, 1], [0x81, 0]])
      assert.equal(unpad(Uint8Array.from(bytes)), undefined)
  })
})
