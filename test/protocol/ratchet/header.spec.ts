import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeHeader, encodeHeader, SEALED_HEADER_BYTES } from '../../../src/protocol/ratchet/header.js'
import { anyBytes, flipped } from '../../support/protocol-values.js'

const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const header = fc.record(
  {
    ratchetKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
    previousCount: u32,
    number: u32,
    pqEpoch: fc.integer({ min: 0, max: 0xffff })
  },
  { noNullPrototype: true }
)

describe('protocol/ratchet/header', () => {
  it('decodes what it encodes, always at the same length', () => {
    fc.assert(
      fc.property(header, (fields) => {
        const bytes = encodeHeader(fields)
        assert.equal(bytes.length + 16, SEALED_HEADER_BYTES)
        assert.deepEqual(decodeHeader(bytes), fields)
      })
    )
  })

  it('refuses an epoch without its flag, the flag without an epoch, and every other flag', () => {
    const fields = { ratchetKey: new Uint8Array(32), previousCount: 1, number: 2 }
    for (const pqEpoch of [0, 1, 0x1_00, 0xffff]) {
      const bytes = encodeHeader({ ...fields, pqEpoch })
      for (let mask = 1; mask < 256; mask += 1)
        assert.equal(decodeHeader(flipped(bytes, 40, mask)), undefined)
      const stripped = bytes.fill(0, 41)
      assert.equal(decodeHeader(stripped)?.pqEpoch, pqEpoch === 0 ? 0 : undefined)
    }
    const none = encodeHeader({ ...fields, pqEpoch: 0 })
    for (const at of [41, 42]) assert.equal(decodeHeader(flipped(none, at)), undefined)
  })

  it('takes any bytes without throwing, and only of the one length', () => {
    fc.assert(
      fc.property(anyBytes(100), (bytes) => {
        const decoded = decodeHeader(bytes)
        if (decoded !== undefined) assert.deepEqual(encodeHeader(decoded), bytes)
      })
    )
  })

  it('returns a copy of the key, not a view on the sender’s bytes', () => {
    const bytes = encodeHeader({
      ratchetKey: new Uint8Array(32).fill(5),
      previousCount: 0,
      number: 0,
      pqEpoch: 0
    })
    const decoded = decodeHeader(bytes)
    bytes.fill(0)
    assert.deepEqual(decoded?.ratchetKey, new Uint8Array(32).fill(5))
  })
})
