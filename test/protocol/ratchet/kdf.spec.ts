import assert from 'node:assert/strict'
import { createHash, createHmac, hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import {
  chainTag,
  chainTags,
  headerKeys,
  messageKey,
  nextChainKey,
  rootStep,
  tagOfPurge,
  tagSecret,
  tagSecrets,
  tagStarts
} from '../../../src/protocol/ratchet/kdf.js'
import { seeded } from '../../support/protocol-values.js'
import { utf8 } from '../../support/vectors.js'

const [one, two] = [seeded(1)(32), seeded(2)(32)]

/** HKDF-Expand of a 32-byte key and one block (RFC 5869 §2.3). */
function expand(key: Uint8Array, info: string): Uint8Array {
  return Uint8Array.from(createHmac('sha256', key).update(info).update(Uint8Array.of(1)).digest())
}

describe('protocol/ratchet/kdf', () => {
  it('derives root key, chain key and next header keys as the specification of Hallig says', () => {
    const output = new Uint8Array(hkdfSync('sha256', two, one, utf8('hallig/1/dr/root'), 96))
    assert.deepEqual(rootStep(one, two), {
      rootKey: output.slice(0, 32),
      chainKey: output.slice(32, 64),
      nextHeaderKeys: {
        header: expand(output.subarray(64), 'hallig/1/dr/header'),
        tag: expand(output.subarray(64), 'hallig/1/dr/tag')
      }
    })
  })

  it('derives chain and message keys as the specification of Hallig says', () => {
    assert.deepEqual(
      nextChainKey(one),
      Uint8Array.from(createHmac('sha256', one).update(Uint8Array.of(2)).digest())
    )
    const inputKey = createHmac('sha256', one).update(Uint8Array.of(1)).digest()
    const info = Buffer.concat([utf8('hallig/1/dr/message'), two])
    assert.deepEqual(
      messageKey(one, two),
      new Uint8Array(hkdfSync('sha256', inputKey, new Uint8Array(32), info, 32))
    )
  })

  it('derives four tags from one HMAC, hashed so that the secret before a tag can prove delivery later', () => {
    const { tag } = headerKeys(one)
    const block = (number: number): Buffer =>
      createHmac('sha512', tag)
        .update(Uint8Array.of(0, 0, 0, number))
        .digest()
    for (const number of [0, 1, 2, 3, 4, 7, 9]) {
      const offset = (number % 4) * 16
      const secret = block(Math.floor(number / 4)).subarray(offset, offset + 16)
      const digest = createHash('sha256').update('hallig/1/tag').update(secret).digest()
      assert.deepEqual(chainTag(tag, number), Uint8Array.from(digest.subarray(0, 16)))
    }
  })

  it('gives the same tags one by one and as a run', () => {
    fc.assert(
      fc.property(fc.nat({ max: 5_000 }), fc.nat({ max: 30 }), (from, count) => {
        const run = chainTags(one, from, from + count)
        assert.deepEqual(
          run,
          Array.from({ length: count }, (_, index) => chainTag(one, from + index))
        )
        const starts = run.flatMap((tag) => [...tag.subarray(0, 4)])
        assert.deepEqual([...tagStarts(one, from, from + count, 4)], starts)
      }),
      { numRuns: 40 }
    )
    assert.deepEqual(chainTags(one, 0xffff_fffe, 0xffff_ffff), [chainTag(one, 0xffff_fffe)])
  })

  it('gives the tags of several chains in any order, whatever it keeps of each', () => {
    const keys = [one, two, one.slice()] as const
    const asked = fc.tuple(fc.constantFrom(...keys), fc.nat({ max: 12 }))
    fc.assert(
      fc.property(fc.array(asked, { maxLength: 40 }), (questions) => {
        for (const [key, n] of questions) assert.deepEqual([chainTag(key, n)], chainTags(key, n, n + 1))
      })
    )
  })

  it('gives no tag twice in a chain, nor in two chains', () => {
    const tags = [...chainTags(one, 0, 2_000), ...chainTags(two, 0, 2_000)]
    assert.equal(new Set(tags.map((tag) => Buffer.from(tag).toString('hex'))).size, 4_000)
  })

  it('gives the tag of every message of a chain from its secret', () => {
    const key = new Uint8Array(32).fill(7)
    for (const n of [0, 1, 3, 4, 6, 1_999])
      assert.deepEqual(tagOfPurge(tagSecret(tagSecrets(key, n), n)), chainTag(key, n))
    assert.notDeepEqual(tagSecret(tagSecrets(key, 4), 4), tagSecret(tagSecrets(key, 5), 5))
  })
})
