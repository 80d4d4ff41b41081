import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Reader } from '../../../src/codec/reader.js'
import { encodeCertificate, readCertificate } from '../../../src/protocol/identity/certificate.js'
import { createPerson } from '../../support/protocol-parties.js'
import { anyBytes, flipped, must, mutated } from '../../support/protocol-values.js'

const { own } = createPerson(1)
const encoded = encodeCertificate(own, 5)

describe('protocol/identity/certificate', () => {
  it('decodes what it encodes', () => {
    assert.deepEqual(readCertificate(new Reader(encoded)), {
      signingKey: own.signing.publicKey,
      dhKey: own.dh.publicKey,
      incarnation: own.incarnation,
      seq: 5
    })
    assert.equal(
      readCertificate(new Reader(encodeCertificate(own, Number.MAX_SAFE_INTEGER)))?.seq,
      Number.MAX_SAFE_INTEGER
    )
  })

  it('refuses every changed byte and every truncation', () => {
    for (let at = 0; at < encoded.length; at += 1) {
      assert.equal(readCertificate(new Reader(flipped(encoded, at))), undefined, `byte ${at}`)
      assert.equal(readCertificate(new Reader(encoded.subarray(0, at))), undefined)
    }
  })

  it('takes any and mutated bytes without throwing', () => {
    fc.assert(
      fc.property(fc.oneof(anyBytes(200), mutated(encoded)), (bytes) => {
        const certificate = readCertificate(new Reader(bytes))
        // A reader stops at the certificate's end: only what follows may have changed.
        if (certificate !== undefined) assert.deepEqual(bytes.subarray(0, encoded.length), encoded)
      }),
      { numRuns: 300 }
    )
  })

  it('keeps no view on what it was read from', () => {
    const bytes = encoded.slice()
    const certificate = must(readCertificate(new Reader(bytes)))
    bytes.fill(0)
    assert.deepEqual(certificate.signingKey, own.signing.publicKey)
    assert.deepEqual(certificate.incarnation, own.incarnation)
  })
})
