import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import {
  hmacSha256,
  hmacSha512,
  hmacSha512Numbers,
  sha256,
  sha256Pieces,
  sha512
} from '../../src/crypto/hash.js'
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

  it('authenticates numbers in a row, and hashes pieces', () => {
    const numbers = [hmacSha512(key, Uint8Array.of(0, 0, 1, 0)), hmacSha512(key, Uint8Array.of(0, 0, 1, 1))]
    assert.deepEqual(
      [...hmacSha512Numbers(key, 256, 2)],
      numbers.flatMap((digest) => [...digest])
    )
    const starts = [sha256(key, utf8('Hal')), sha256(key, utf8('lig'))]
    assert.deepEqual(
      [...sha256Pieces(key, whole, 3, 5)],
      starts.flatMap((digest) => [...digest.subarray(0, 5)])
    )
  })

  it('takes an empty key and an empty message', () => {
    assert.deepEqual(hmacSha256(new Uint8Array(0)), Uint8Array.from(createHmac('sha256', '').digest()))
    assert.deepEqual(sha256(), Uint8Array.from(createHash('sha256').digest()))
  })
})
