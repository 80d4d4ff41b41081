import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_BUNDLE_CANDIDATES, MAX_BUNDLE_WANTS } from '../../../src/protocol/limits.js'
import { MAX_BUNDLE_RECORD_BYTES } from '../../../src/protocol/prekeys/bundle-record.js'
import {
  decodeBundleRequest,
  decodeBundleResponse,
  encodeBundleRequest,
  encodeBundleResponse
} from '../../../src/protocol/prekeys/bundle-request.js'
import { anyBytes, flipped, mutated, seeded } from '../../support/protocol-values.js'

const random = seeded(1)
const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
const record = fc.record({ id, body: anyBytes(300) }, { noNullPrototype: true })
const requests = fc.record(
  {
    wanted: fc.array(id, { maxLength: MAX_BUNDLE_WANTS }),
    offered: fc.array(record, { maxLength: MAX_BUNDLE_CANDIDATES })
  },
  { noNullPrototype: true }
)

describe('protocol/prekeys/bundle-request', () => {
  it('decodes what it encodes', () => {
    fc.assert(
      fc.property(requests, fc.array(record, { maxLength: 8 }), (request, records) => {
        assert.deepEqual(decodeBundleRequest(encodeBundleRequest(request)), request)
        assert.deepEqual(decodeBundleResponse(encodeBundleResponse(records)), records)
      })
    )
  })

  it('refuses another version, and more than it asks for', () => {
    const one = { id: random(32), body: random(40) }
    assert.equal(
      decodeBundleRequest(flipped(encodeBundleRequest({ wanted: [], offered: [] }), 0, 3)),
      undefined
    )
    assert.equal(decodeBundleResponse(flipped(encodeBundleResponse([]), 0, 3)), undefined)
    const wanted = Array.from({ length: MAX_BUNDLE_WANTS + 1 }, () => random(32))
    assert.equal(decodeBundleRequest(encodeBundleRequest({ wanted, offered: [] })), undefined)
    const offered = Array.from({ length: MAX_BUNDLE_CANDIDATES + 1 }, () => one)
    assert.equal(decodeBundleRequest(encodeBundleRequest({ wanted: [], offered })), undefined)
    const large = { id: one.id, body: new Uint8Array(MAX_BUNDLE_RECORD_BYTES + 1) }
    assert.equal(decodeBundleResponse(encodeBundleResponse([large])), undefined)
  })

  it('takes as much as may be asked and answered at once, and no more', () => {
    const wanted = Array.from({ length: MAX_BUNDLE_WANTS }, () => random(32))
    assert.deepEqual(decodeBundleRequest(encodeBundleRequest({ wanted, offered: [] }))?.wanted, wanted)
    // Records of nothing: a count, and for each 32 bytes of id and a length of 0.
    const response = (count: number): Uint8Array => Uint8Array.of(1, count, ...new Uint8Array(34 * count))
    assert.equal(decodeBundleResponse(response(16))?.length, 16)
    assert.equal(decodeBundleResponse(response(17)), undefined)
  })

  it('takes any and mutated bytes without throwing', () => {
    const request = encodeBundleRequest({
      wanted: [random(32)],
      offered: [{ id: random(32), body: random(50) }]
    })
    fc.assert(
      fc.property(fc.oneof(anyBytes(400), mutated(request)), (bytes) => {
        const decoded = decodeBundleRequest(bytes)
        if (decoded !== undefined) assert.deepEqual(encodeBundleRequest(decoded), bytes)
        const records = decodeBundleResponse(bytes)
        if (records !== undefined) assert.deepEqual(encodeBundleResponse(records), bytes)
      }),
      { numRuns: 400 }
    )
  })
})
