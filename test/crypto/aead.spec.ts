import assert from 'node:assert/strict'
import fc from 'fast-check'
import { KEY_BYTES, NONCE_BYTES, open, seal, TAG_BYTES } from '../../src/crypto/aead.js'
import { utf8 } from '../support/vectors.js'

const key = new Uint8Array(KEY_BYTES).fill(1)
const nonce = new Uint8Array(NONCE_BYTES).fill(2)
const header = utf8('header')

describe('a sealed message', () => {
  it('opens with what it was sealed with', () => {
    const sealed = seal(key, nonce, utf8('moin'), header)
    assert.equal(sealed.length, 4 + TAG_BYTES)
    assert.deepEqual(open(key, nonce, sealed, header), utf8('moin'))
  })

  it('opens with nothing else', () => {
    const sealed = seal(key, nonce, utf8('moin'), header)
    assert.equal(open(key, nonce, sealed, utf8('Header')), undefined)
    assert.equal(open(key, new Uint8Array(NONCE_BYTES), sealed, header), undefined)
    assert.equal(open(new Uint8Array(KEY_BYTES), nonce, sealed, header), undefined)
  })

  it('is refused when cut, lengthened or made up, without an exception', () => {
    const sealed = seal(key, nonce, utf8('moin'), header)
    for (let length = 0; length < sealed.length; length++) {
      assert.equal(open(key, nonce, sealed.subarray(0, length), header), undefined)
    }
    assert.equal(open(key, nonce, Uint8Array.from([...sealed, 0]), header), undefined)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 24 }), fc.uint8Array({ maxLength: 80 }), (nonce, bytes) => {
        assert.equal(open(key, nonce, bytes, header), undefined)
      })
    )
  })

  it('cannot be made with a key or nonce of another length', () => {
    assert.throws(() => seal(key.subarray(1), nonce, header, header), RangeError)
    assert.throws(() => seal(key, nonce.subarray(1), header, header), RangeError)
    assert.throws(() => open(key.subarray(1), nonce, header, header), RangeError)
  })
})
