import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { blindedName } from '../../src/storage/blinded-name.js'

const key = new Uint8Array(32).fill(5)

describe('a blinded name', () => {
  it('is the base64url form of an HMAC over the framed label and the id', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.uint8Array({ maxLength: 40 }), (label, id) => {
        const framed = Buffer.concat([Buffer.of(Buffer.byteLength(label)), Buffer.from(label), id])
        const expected = createHmac('sha256', key)
          .update(framed)
          .digest()
          .subarray(0, 16)
          .toString('base64url')
        assert.equal(blindedName(key, label, id), expected)
      })
    )
  })

  it('takes a string as its UTF-8 bytes', () => {
    assert.equal(
      blindedName(key, 'contact', 'J\u00f8rgen'),
      blindedName(key, 'contact', Buffer.from('J\u00f8rgen'))
    )
  })

  it('refuses a label too long to frame', () => {
    assert.throws(() => blindedName(key, 'x'.repeat(256), 'id'), RangeError)
  })
})
