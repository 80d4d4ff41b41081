import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeBody, encodeBody } from '../../../src/protocol/message/body.js'
import { anyBytes, must, mutated, seeded } from '../../support/protocol-values.js'

const BODY = {
  stream: seeded(1)(8),
  number: 3,
  clock: 9,
  parents: [seeded(2)(16)],
  sentAt: 1_750_000_000_000,
  text: 'kept'
}

describe('protocol/message/body', () => {
  it('decodes what it encodes', () => {
    const decoded = must(decodeBody(encodeBody(BODY)))
    assert.equal(decoded.text, 'kept')
    assert.deepEqual([decoded.number, decoded.clock, decoded.sentAt], [3, 9, BODY.sentAt])
    assert.deepEqual(Uint8Array.from(must(decoded.parents[0])), BODY.parents[0])
  })

  it('takes any and mutated bytes without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes(200), mutated(encodeBody(BODY))), (bytes) => {
        const decoded = decodeBody(bytes)
        assert.ok(decoded === undefined || typeof decoded.number === 'number')
      }),
      { numRuns: 500 }
    )
  })
})
