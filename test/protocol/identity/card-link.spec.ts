import assert from 'node:assert/strict'
import fc from 'fast-check'
import { decodeCardLink, encodeCardLink } from '../../../src/protocol/identity/card-link.js'
import { MAX_CARD_BYTES } from '../../../src/protocol/limits.js'

describe('protocol/identity/card-link', () => {
  it('decodes what it encodes, up to the largest card', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: MAX_CARD_BYTES, size: 'max' }), (bytes) => {
        assert.deepEqual(decodeCardLink(encodeCardLink(bytes)), bytes)
      })
    )
    const largest = new Uint8Array(MAX_CARD_BYTES).fill(0xff)
    assert.deepEqual(decodeCardLink(encodeCardLink(largest)), largest)
    assert.equal(decodeCardLink(encodeCardLink(new Uint8Array(MAX_CARD_BYTES + 3))), undefined)
  })

  it('ignores the white space and the capitals of other programs', () => {
    const link = encodeCardLink(Uint8Array.of(1, 2, 3, 250, 251))
    const broken = `\n  HALLIG:${link.slice(7, 9)}\r\n ${link.slice(9)}\t`
    assert.deepEqual(decodeCardLink(broken), Uint8Array.of(1, 2, 3, 250, 251))
  })

  it('takes any text without throwing', () => {
    const letters = fc.string({
      unit: fc.constantFrom('A', 'Z', 'a', 'z', '0', '9', '-', '_', '+', '/', '=', ' ', ':'),
      maxLength: 24
    })
    fc.assert(
      fc.property(fc.oneof(letters, fc.string({ unit: 'binary' })), (text) => {
        assert.equal(decodeCardLink(text.replace(/^hallig:/i, '')), undefined)
        const bytes = decodeCardLink(`hallig:${text}`)
        if (bytes !== undefined) assert.equal(encodeCardLink(bytes), `hallig:${text.replace(/\s/g, '')}`)
      }),
      { numRuns: 1_000 }
    )
  })

  it('refuses a text that is cut where no byte ends', () => {
    for (const body of ['', 'A', 'AB', 'AAB', 'AAAAB', 'AAA=', 'AAA+', 'é']) {
      assert.equal(decodeCardLink(`hallig:${body}`), undefined, body)
    }
  })
})
