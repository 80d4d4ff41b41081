import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { hmacSha256, hmacSha512, sha256, sha512 } from '../../src/crypto/hash.js'
import { utf8 } from '../support/vectors.js'

const parts = [utf8('Hal'), new Uint8Array(0), utf8('lig')]
const whole = utf8('Hallig')
const key = utf8('key')

describe('hashing', () => {
  it('takes a message in parts', () => {
    assert.deepEqual(sha256(...parts), sha256(whole))
    assert.deepEqual(sha512(...parts), sha512(whole))
    assert.deepEqual(hmacSha256(key, ...parts), hmacSha256(key, whole))
    assert.deepEqual(hmacSha512(key, ...parts), hmacSha512(key, whole))
  })

  it('gives each function its own name', () => {
    assert.deepEqual(sha256(whole), Uint8Array.from(createHash('sha256').update(whole).digest()))
    assert.deepEqual(sha512(whole), Uint8Array.from(createHash('sha512').update(whole).digest()))
    assert.deepEqual(
      hmacSha256(key, whole),
      Uint8Array.from(createHmac('sha256', key).update(whole).digest())
    )
    assert.deepEqual(
      hmacSha512(key, whole),
      Uint8Array.from(createHmac('sha512', key).update(whole).digest())
    )
  })

  it('takes an empty key and an empty message', () => {
    assert.deepEqual(hmacSha256(new Uint8Array(0)), Uint8Array.from(createHmac('sha256', '').digest()))
    assert.deepEqual(sha256(), Uint8Array.from(createHash('sha256').digest()))
  })
})
