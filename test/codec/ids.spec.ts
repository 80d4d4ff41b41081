import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  encodeConversationId,
  encodeIdentityId,
  encodeMessageId,
  ID_BYTES,
  MESSAGE_ID_BYTES,
  parseConversationId,
  parseIdentityId,
  parseMessageId
} from '../../src/codec/ids.js'

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })

describe('codec/ids', () => {
  it('writes ids as text that is recognised as one', () => {
    fc.assert(
      fc.property(bytes(ID_BYTES), bytes(MESSAGE_ID_BYTES), (id, message) => {
        assert.equal(parseIdentityId(encodeIdentityId(id)), encodeIdentityId(id))
        assert.equal(parseConversationId(encodeConversationId(id)), encodeConversationId(id))
        assert.equal(encodeMessageId(message), Buffer.from(message).toString('hex'))
        assert.equal(parseMessageId(encodeMessageId(message)), encodeMessageId(message))
      })
    )
  })

  it('gives different bytes different ids', () => {
    fc.assert(
      fc.property(bytes(ID_BYTES), bytes(ID_BYTES), (one, other) => {
        assert.equal(encodeIdentityId(one) === encodeIdentityId(other), Buffer.compare(one, other) === 0)
      })
    )
  })

  it('takes no other length', () => {
    for (const length of [0, 19, 21, 32]) {
      assert.throws(() => encodeIdentityId(new Uint8Array(length)), RangeError)
      assert.throws(() => encodeConversationId(new Uint8Array(length)), RangeError)
    }
  })

  it('takes no other text', () => {
    const id = encodeIdentityId(new Uint8Array(ID_BYTES).fill(7))
    for (const text of [
      '',
      id.slice(1),
      `${id}a`,
      id.toUpperCase(),
      `${id.slice(1)}1`,
      `${id.slice(1)}\n`,
      `${id}\n`,
      '__proto__'
    ]) {
      assert.equal(parseIdentityId(text), undefined)
      assert.equal(parseConversationId(text), undefined)
      assert.equal(parseMessageId(text), undefined)
    }
    fc.assert(fc.property(fc.string(), (text) => assert.equal(parseIdentityId(text), undefined)))
  })
})
