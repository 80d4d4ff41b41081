import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Reader } from '../../../src/codec/reader.js'
import { Writer } from '../../../src/codec/writer.js'
import {
  optional,
  readList,
  readLong,
  readOptional,
  readText,
  recordCodec,
  writeList,
  writeLong,
  writeOptional,
  writeText
} from '../../../src/storage/records/record-codec.js'
import { itIsARecord, text } from '../../support/messenger-records.js'

describe('storage/records/record-codec', () => {
  describe('a record of one text', () => {
    itIsARecord(
      recordCodec<string>('text', 1, writeText, readText),
      text.filter((value) => value.isWellFormed())
    )
  })

  it('tells which kind of record is damaged, and nothing of what it holds', () => {
    const codec = recordCodec<string>('secret', 7, writeText, readText)
    assert.throws(
      () => codec.decode(Uint8Array.of(6, 0, 0, 0, 1, 65)),
      (error) =>
        error instanceof Error && error.message.includes('secret') && !error.message.includes('A record')
    )
    assert.equal(codec.encode('x')[0], 7)
  })

  it('reads lists, optional values and long bytes as they were written', () => {
    fc.assert(
      fc.property(fc.array(fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined })), (values) => {
        const writer = new Writer()
        writeList(writer, values, (value) => {
          writeOptional(writer, value, (bytes) => {
            writeLong(writer, bytes)
          })
        })
        const reader = new Reader(writer.finish())
        assert.deepEqual(
          readList(reader, () => readOptional(reader, () => readLong(reader))),
          values
        )
        assert.ok(reader.finished())
      })
    )
  })

  it('writes a record as if one that could not be written had never been begun', () => {
    const codec = recordCodec<Uint8Array>(
      'test',
      1,
      (writer, bytes) => writer.u32(7).prefixed(bytes),
      (reader) => {
        reader.u32()
        return reader.prefixed(10)
      }
    )
    assert.throws(() => codec.encode(new Uint8Array(70_000)), RangeError)
    assert.deepEqual(codec.decode(codec.encode(Uint8Array.of(5))), Uint8Array.of(5))
  })

  it('keeps a byte order mark: it belongs to the text', () => {
    const codec = recordCodec<string>('text', 1, writeText, readText)
    assert.equal(codec.decode(codec.encode('\ufeffx')), '\ufeffx')
  })

  it('does not believe a count that is longer than the record', () => {
    const reader = new Reader(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1, 2, 3))
    assert.ok(readList(reader, () => reader.u8()).length <= 4)
    assert.ok(reader.failed)
    assert.equal(readLong(new Reader(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).length, 0)
  })

  it('leaves out an optional field that has no value', () => {
    assert.deepEqual(optional('name', undefined), {})
    assert.deepEqual(optional('name', 0), { name: 0 })
  })
})
