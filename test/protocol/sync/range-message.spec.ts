import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Reader } from '../../../src/codec/reader.js'
import { Writer } from '../../../src/codec/writer.js'
import { MAX_SYNC_FRAME, MAX_SYNC_RANGES } from '../../../src/protocol/limits.js'
import { FINGERPRINT_BYTES } from '../../../src/protocol/sync/item-sum.js'
import { END, type Bound } from '../../../src/protocol/sync/item.js'
import {
  decodeRanges,
  numbersBytes,
  RangeWriter,
  readNumbers,
  writeNumbers,
  type SyncRange
} from '../../../src/protocol/sync/range-message.js'

const id = (first: number): Uint8Array => new Uint8Array(16).fill(first)
const bound = (order: number, ...prefix: number[]): Bound => ({ order, prefix: Uint8Array.from(prefix) })

function write(ranges: readonly SyncRange[]): Uint8Array {
  const writer = new RangeWriter(MAX_SYNC_FRAME)
  for (const range of ranges) writer.put(range)
  return writer.finish()
}

const example: readonly SyncRange[] = [
  { upper: bound(45_000), kind: 'skip' },
  { upper: bound(45_000, 7), kind: 'fingerprint', fingerprint: id(1) },
  { upper: bound(45_001, 0, 1), kind: 'list', ids: [id(2), id(3)] },
  { upper: END, kind: 'answer', missing: [0, 5, 400], ids: [id(4)] }
]

describe('protocol/sync/range-message', () => {
  it('reads what it wrote', () => {
    assert.deepEqual(decodeRanges(write(example)), example)
    assert.deepEqual(decodeRanges(new Uint8Array(0)), [])
  })

  it('rejects every message that is cut off', () => {
    const bytes = write(example)
    const ends = new Set([0, ...example.map((_, count) => write(example.slice(0, count + 1)).length)])
    for (let length = 0; length < bytes.length; length++) {
      if (!ends.has(length)) assert.equal(decodeRanges(bytes.subarray(0, length)), undefined, String(length))
    }
  })

  it('rejects bounds that do not ascend, that lie behind the end, and kinds it does not know', () => {
    const skip = (upper: Bound): SyncRange => ({ upper, kind: 'skip' })
    assert.equal(decodeRanges(write([skip(bound(3, 2)), skip(bound(3, 2))])), undefined)
    assert.equal(decodeRanges(write([skip(bound(65_536, 1))])), undefined)
    assert.equal(decodeRanges(write([skip(bound(65_537))])), undefined)
    assert.equal(decodeRanges(new Writer().varint(1).u8(33).bytes(new Uint8Array(34)).finish()), undefined)
    assert.equal(decodeRanges(new Writer().varint(1).u8(0).u8(4).finish()), undefined)
  })

  it('rejects more ranges than a message may have, and more bytes', () => {
    const many = Array.from({ length: MAX_SYNC_RANGES + 1 }, (_, n): SyncRange => ({
      upper: bound(n + 1),
      kind: 'skip'
    }))
    assert.equal(decodeRanges(write(many.slice(1)))?.length, MAX_SYNC_RANGES)
    assert.equal(decodeRanges(write(many)), undefined)
    // One list, whose bound takes the odd bytes.
    const ofLength = (length: number): Uint8Array => {
      const ids = new Array<Uint8Array>(Math.floor((length - 5) / 16)).fill(id(1))
      const prefix = new Array<number>((length - 5) % 16).fill(1)
      return write([{ upper: bound(1, ...prefix), kind: 'list', ids }])
    }
    assert.equal(ofLength(MAX_SYNC_FRAME).length, MAX_SYNC_FRAME)
    assert.equal(decodeRanges(ofLength(MAX_SYNC_FRAME))?.length, 1)
    assert.equal(decodeRanges(ofLength(MAX_SYNC_FRAME + 1)), undefined)
  })

  it('takes a bound as long as an id', () => {
    const ranges: readonly SyncRange[] = [{ upper: bound(3, ...new Uint8Array(32).fill(1)), kind: 'skip' }]
    assert.deepEqual(decodeRanges(write(ranges)), ranges)
  })

  it('writes ascending numbers in little, and rejects others', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(2 ** 28 - 1)), (numbers) => {
        const sorted = numbers.sort((one, other) => one - other)
        const writer = new Writer()
        writeNumbers(writer, sorted)
        assert.ok(writer.length <= numbersBytes(sorted.length))
        assert.deepEqual(readNumbers(new Reader(writer.finish())), sorted)
      })
    )
    assert.equal(readNumbers(new Reader(Uint8Array.of(0, 2, 5, 0))), undefined)
    for (const cut of [[0], [0, 1], [0, 2, 5]])
      assert.equal(readNumbers(new Reader(Uint8Array.from(cut))), undefined)
    assert.equal(decodeRanges(write([{ upper: END, kind: 'answer', missing: [5, 5], ids: [] }])), undefined)
  })

  it('decodes any bytes without an exception, and no more than they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        const named = (decodeRanges(bytes) ?? []).reduce(
          (sum, range) => sum + ('ids' in range ? range.ids.length : 0),
          0
        )
        assert.ok(named * 16 <= bytes.length)
      })
    )
  })

  it('has room for as many ranges as leave two of those a message may have', () => {
    const writer = new RangeWriter(MAX_SYNC_FRAME)
    assert.ok(writer.room(MAX_SYNC_RANGES - 2) > 0)
    assert.equal(writer.room(MAX_SYNC_RANGES - 1), 0)
  })

  it('leaves room for the rest of the set behind a skip', () => {
    const writer = new RangeWriter(MAX_SYNC_FRAME)
    const fingerprint = new Uint8Array(FINGERPRINT_BYTES)
    let order = 1
    while (writer.room(1) > 0) {
      writer.put({ upper: { order: order++, prefix: new Uint8Array(0) }, kind: 'fingerprint', fingerprint })
    }
    writer.put({ upper: { order, prefix: new Uint8Array(0) }, kind: 'skip' })
    writer.put({ upper: END, kind: 'fingerprint', fingerprint })
    assert.notEqual(decodeRanges(writer.finish()), undefined)
  })
})
