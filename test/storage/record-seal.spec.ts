import assert from 'node:assert/strict'
import fc from 'fast-check'
import { openRecord, sealRecord } from '../../src/storage/record-seal.js'
import { text, value } from '../support/store-pairs.js'

const valueKey = new Uint8Array(32).fill(1)
const storeId = new Uint8Array(16).fill(2)
const nonce = new Uint8Array(12).fill(3)

describe('a sealed record', () => {
  it('opens under the key, store and name it was sealed for, and no other', () => {
    const record = sealRecord(valueKey, storeId, 'session/1', value('secret'), nonce)
    assert.equal(text(openRecord(valueKey, storeId, 'session/1', record)), 'secret')
    assert.equal(openRecord(new Uint8Array(32), storeId, 'session/1', record), undefined)
    assert.equal(openRecord(valueKey, new Uint8Array(16), 'session/1', record), undefined)
    assert.equal(openRecord(valueKey, storeId, 'session/2', record), undefined)
  })

  it('is 29 bytes longer than its value, which it carries nowhere in plain', () => {
    for (const length of [0, 1, 1000]) {
      const record = sealRecord(valueKey, storeId, 'k', new Uint8Array(length), nonce)
      assert.equal(record.length, length + 29)
      assert.deepEqual(record.subarray(1, 13), nonce)
    }
  })

  it('of another format is not opened', () => {
    const record = sealRecord(valueKey, storeId, 'k', value('secret'), nonce)
    record[0] = 2
    assert.equal(openRecord(valueKey, storeId, 'k', record), undefined)
  })

  it('is never made of random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(openRecord(valueKey, storeId, 'k', bytes), undefined)
        assert.equal(openRecord(valueKey, storeId, 'k', Uint8Array.of(1, ...bytes)), undefined)
      })
    )
  })
})
