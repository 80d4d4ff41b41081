import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Reader } from '../../src/codec/reader.js'
import { Writer } from '../../src/codec/writer.js'

describe('codec/writer', () => {
  it('writes what a reader reads, whatever its first capacity', () => {
    const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
    const field = fc.oneof(
      fc.record({ kind: fc.constant('u8' as const), value: fc.integer({ min: 0, max: 255 }) }),
      fc.record({ kind: fc.constant('u16' as const), value: fc.integer({ min: 0, max: 65_535 }) }),
      fc.record({ kind: fc.constant('u32' as const), value: u32 }),
      fc.record({ kind: fc.constant('u64' as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 50 }) }),
      fc.record({ kind: fc.constant('prefixed' as const), value: fc.uint8Array({ maxLength: 50 }) })
    )
    fc.assert(
      fc.property(fc.nat({ max: 300 }), fc.array(field, { maxLength: 20 }), (capacity, fields) => {
        const writer = new Writer(capacity)
        for (const one of fields) {
          if (one.kind === 'bytes' || one.kind === 'prefixed') writer[one.kind](one.value)
          else writer[one.kind](one.value)
        }
        const reader = new Reader(writer.finish())
        for (const { kind, value } of fields) {
          if (typeof value === 'number')
            assert.equal(kind === 'bytes' || kind === 'prefixed' || reader[kind](), value)
          else assert.deepEqual(kind === 'bytes' ? reader.bytes(value.length) : reader.prefixed(50), value)
        }
        assert.ok(reader.finished())
      })
    )
  })

  it('gives away a copy and begins again, with nothing left of what it gave', () => {
    const writer = new Writer(4).bytes(Uint8Array.of(1, 2, 3))
    const buffer = writer.finish()
    const taken = writer.take()
    assert.deepEqual(buffer, new Uint8Array(3))
    assert.equal(writer.length, 0)
    assert.deepEqual(writer.u8(9).take(), Uint8Array.of(9))
    assert.deepEqual(taken, Uint8Array.of(1, 2, 3))
  })

  it('takes its own buffer’s bytes, even when it has to grow', () => {
    const writer = new Writer(0).bytes(Uint8Array.of(1, 2, 3))
    writer.bytes(writer.finish())
    assert.deepEqual(writer.finish(), Uint8Array.of(1, 2, 3, 1, 2, 3))
  })

  it('writes integers of 7 bits a byte that a reader reads', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(2 ** 28 - 1)), (values) => {
        const writer = new Writer()
        for (const value of values) writer.varint(value)
        const bytes = writer.finish()
        assert.equal(writer.length, bytes.length)
        const reader = new Reader(bytes)
        assert.deepEqual(
          values.map(() => reader.varint()),
          values
        )
        assert.ok(reader.finished())
      })
    )
  })

  it('refuses bytes longer than a length can say', () => {
    assert.equal(new Writer().prefixed(new Uint8Array(0xffff)).finish().length, 2 + 0xffff)
    assert.throws(() => new Writer().prefixed(new Uint8Array(0x1_0000)), RangeError)
  })

  it('writes text of any length with 32 bits before it, and of no more than fits with 16', () => {
    for (const long of ['x'.repeat(70_000), 'ü'.repeat(40_000)]) {
      const reader = new Reader(new Writer().text(long).finish())
      assert.equal(Buffer.from(reader.bytes(reader.u32())).toString(), long)
      assert.throws(() => new Writer().prefixedText(long), RangeError)
    }
  })

  it('writes text as UTF-8 after its length, whatever it is made of and wherever it ends', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'ü', '€', '😀'), maxLength: 40 })
    fc.assert(
      fc.property(fc.nat({ max: 200 }), fc.array(text, { maxLength: 5 }), (capacity, texts) => {
        const writer = new Writer(capacity)
        for (const one of texts) writer.text(one).u8(7).prefixedText(one)
        const reader = new Reader(writer.finish())
        for (const one of texts) {
          assert.equal(Buffer.from(reader.bytes(reader.u32())).toString(), one)
          assert.equal(reader.u8(), 7)
          assert.equal(Buffer.from(reader.prefixed(200)).toString(), one)
        }
        assert.ok(reader.finished())
      })
    )
  })
})
