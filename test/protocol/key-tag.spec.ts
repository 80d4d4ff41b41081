import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Reader } from '../../src/codec/reader.js'
import { Writer } from '../../src/codec/writer.js'
import { readKey, writeKey, type KeyKind } from '../../src/protocol/key-tag.js'
import { anyBytes, must, seeded } from '../support/protocol-values.js'

const LENGTHS: Record<KeyKind, number> = { ed25519: 32, x25519: 32, mlkem768: 1_184 }
const KINDS: readonly KeyKind[] = ['ed25519', 'x25519', 'mlkem768']

describe('protocol/key-tag', () => {
  it('reads a key as what it was written, and as nothing else', () => {
    for (const kind of KINDS) {
      const key = seeded(1)(LENGTHS[kind])
      const bytes = writeKey(new Writer(), kind, key).finish()
      assert.equal(bytes.length, 1 + LENGTHS[kind])
      for (const other of KINDS) {
        const read = readKey(new Reader(bytes), other)
        assert.deepEqual(read, other === kind ? key : undefined)
      }
    }
  })

  it('does not write a key of the wrong length', () => {
    for (const kind of KINDS) {
      for (const length of [0, LENGTHS[kind] - 1, LENGTHS[kind] + 1]) {
        assert.throws(() => writeKey(new Writer(), kind, new Uint8Array(length)), RangeError)
      }
    }
  })

  it('takes any bytes without throwing, and keeps no view on them', () => {
    fc.assert(
      fc.property(anyBytes(40), (bytes) => {
        const key = readKey(new Reader(bytes), 'x25519')
        assert.equal(key !== undefined, bytes[0] === 2 && bytes.length >= 33)
      })
    )
    const bytes = writeKey(new Writer(), 'x25519', seeded(2)(32)).finish()
    const key = must(readKey(new Reader(bytes), 'x25519'))
    bytes.fill(0)
    assert.deepEqual(key, seeded(2)(32))
  })
})
