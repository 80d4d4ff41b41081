import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeHelloContent, encodeHelloContent } from '../../../src/protocol/handshake/hello-layout.js'
import { MAX_GENERATION } from '../../../src/protocol/limits.js'
import { createPerson } from '../../support/protocol-parties.js'
import { anyBytes, flipped, must, mutated, seeded } from '../../support/protocol-values.js'

const alice = createPerson(1)
const random = seeded(2)
const fields = {
  generation: 7,
  bundleHash: random(32),
  ephemeralKey: random(32),
  kemCiphertext: random(1_088),
  kemPrekeyId: random(8),
  oneTime: true,
  pqRatchet: true,
  tag: random(16),
  message: { nonce: random(12), sealedHeader: random(59), sealedBody: random(80) }
}
const encoded = encodeHelloContent({ ...fields, certificate: alice.certificate }).slice()

describe('protocol/handshake/hello-layout', () => {
  it('decodes what it encodes', () => {
    const { certificate, ...decoded } = must(decodeHelloContent(encoded))
    assert.deepEqual(decoded, fields)
    assert.deepEqual(certificate.dhKey, alice.own.dh.publicKey)
    for (const flags of [
      { oneTime: false, pqRatchet: true },
      { oneTime: true, pqRatchet: false },
      { oneTime: false, pqRatchet: false }
    ]) {
      const again = encodeHelloContent({ ...fields, ...flags, certificate: alice.certificate })
      const { oneTime, pqRatchet } = must(decodeHelloContent(again))
      assert.deepEqual({ oneTime, pqRatchet }, flags)
    }
  })

  it('refuses another version, another suite, another flag and every change of the certificate', () => {
    for (let at = 0; at < 2 + alice.certificate.length; at += 1)
      assert.equal(decodeHelloContent(flipped(encoded, at)), undefined, `byte ${at}`)
    const flag = encoded.length - 80 - 59 - 12 - 16 - 1
    for (let mask = 4; mask < 256; mask += 1)
      assert.equal(decodeHelloContent(flipped(encoded, flag, mask)), undefined)
  })

  it('takes generations up to the last, and none beyond', () => {
    const withGeneration = (generation: number): number | undefined =>
      decodeHelloContent(encodeHelloContent({ ...fields, generation, certificate: alice.certificate }))
        ?.generation
    assert.deepEqual([0, MAX_GENERATION, MAX_GENERATION + 1].map(withGeneration), [
      0,
      MAX_GENERATION,
      undefined
    ])
  })

  it('refuses every truncation before the body', () => {
    for (let length = 0; length < encoded.length - 80; length += 1) {
      assert.equal(decodeHelloContent(encoded.subarray(0, length)), undefined)
    }
  })

  it('takes any and mutated bytes without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes(2_048), mutated(encoded)), (bytes) => {
        const decoded = decodeHelloContent(bytes)
        assert.ok(decoded === undefined || decoded.certificate.seq === alice.prekeys.seq)
      }),
      { numRuns: 150 }
    )
  })

  it('keeps no view on what it was decoded from but the message, which is opened at once', () => {
    const bytes = encoded.slice()
    const decoded = must(decodeHelloContent(bytes))
    bytes.fill(0)
    assert.deepEqual(decoded.kemCiphertext, fields.kemCiphertext)
    assert.deepEqual(decoded.ephemeralKey, fields.ephemeralKey)
    assert.deepEqual(decoded.bundleHash, fields.bundleHash)
    assert.deepEqual(decoded.tag, fields.tag)
  })
})
