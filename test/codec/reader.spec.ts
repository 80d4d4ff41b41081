import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Reader } from '../../src/codec/reader.js'
import { anyBytes } from '../support/protocol-values.js'

describe('codec/reader', () => {
  it('reads big-endian integers, bytes and prefixed bytes', () => {
    const reader = new Reader(
      Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 9, 8, 0, 1, 7, 6, 5)
    )
    assert.deepEqual([reader.u8(), reader.u16(), reader.u32()], [1, 0x0203, 0x04050607])
    assert.equal(reader.u64(), Number.MAX_SAFE_INTEGER)
    assert.deepEqual(reader.bytes(2), Uint8Array.of(9, 8))
    assert.deepEqual(reader.prefixed(1), Uint8Array.of(7))
    assert.equal(reader.remaining, 2)
    assert.equal(reader.finished(), false)
    assert.deepEqual(reader.rest(), Uint8Array.of(6, 5))
    assert.ok(reader.finished())
  })

  it('refuses an integer that is not exact, and a length over its bound', () => {
    const large = new Reader(Uint8Array.of(0, 0x20, 0, 0, 0, 0, 0, 0))
    assert.equal(large.u64(), 0)
    assert.ok(large.failed)
    const long = new Reader(Uint8Array.of(0, 3, 1, 2, 3))
    assert.deepEqual(long.prefixed(2), new Uint8Array(0))
    assert.ok(long.failed && !long.finished())
  })

  it('reads integers of 7 bits a byte, and refuses what is longer than it need be', () => {
    const reader = new Reader(Uint8Array.of(0, 0x7f, 0x80, 1, 0xff, 0xff, 0xff, 0x7f))
    assert.deepEqual(
      [reader.varint(), reader.varint(), reader.varint(), reader.varint()],
      [0, 127, 128, 2 ** 28 - 1]
    )
    assert.ok(reader.finished())
    for (const bytes of [[0x80, 0], [0x80, 0x80, 0x80, 0x80, 1], [0x80]]) {
      const bad = new Reader(Uint8Array.from(bytes))
      assert.equal(bad.varint(), 0)
      assert.ok(bad.failed)
    }
  })

  it('stays failed once it read past the end, and returns zeros and nothing', () => {
    const reader = new Reader(Uint8Array.of(1, 2, 3))
    assert.equal(reader.u32(), 0)
    assert.ok(reader.failed)
    assert.deepEqual([reader.u8(), reader.u16(), reader.u32(), reader.u64()], [0, 0, 0, 0])
    assert.deepEqual(
      [reader.bytes(1), reader.prefixed(9), reader.rest()],
      [new Uint8Array(0), new Uint8Array(0), new Uint8Array(0)]
    )
    assert.equal(reader.finished(), false)
  })

  it('never throws and never reads outside, whatever is read in whatever order', () => {
    const read = fc.oneof(
      fc.constantFrom('u8', 'u16', 'u32', 'u64', 'rest'),
      fc.nat({ max: 40 }).map((length) => ['bytes', length] as const),
      fc.nat({ max: 40 }).map((max) => ['prefixed', max] as const)
    )
    fc.assert(
      fc.property(
        anyBytes(60),
        fc.nat({ max: 8 }),
        fc.array(read, { maxLength: 12 }),
        (bytes, offset, reads) => {
          // A view into a larger buffer: what lies beside it must not be seen.
          const buffer = new Uint8Array(bytes.length + 20).fill(0xee)
          buffer.set(bytes, offset)
          const reader = new Reader(buffer.subarray(offset, offset + bytes.length))
          let consumed = 0
          for (const step of reads) {
            const before = reader.remaining
            const value =
              typeof step === 'string' ? reader[step as 'u8']() : reader[step[0] as 'bytes'](step[1])
            consumed += before - reader.remaining
            assert.ok(reader.remaining >= 0 && reader.remaining <= before)
            if (value instanceof Uint8Array && value.length > 0) {
              const end = bytes.length - reader.remaining
              assert.deepEqual(value, bytes.subarray(end - value.length, end))
            }
          }
          assert.equal(consumed + reader.remaining, bytes.length)
        }
      )
    )
  })
})
