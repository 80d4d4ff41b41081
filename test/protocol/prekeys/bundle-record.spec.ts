import assert from 'node:assert/strict'
import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import {
  bundleRecordId,
  lookupPlaces,
  lookupWeeks,
  MAX_BUNDLE_RECORD_BYTES,
  openBundleRecord,
  sealBundleRecord
} from '../../../src/protocol/prekeys/bundle-record.js'
import { epochAt } from '../../../src/protocol/prekeys/bundle.js'
import { createPerson } from '../../support/protocol-parties.js'
import { anyBytes, flipped, mutated, NOW, seeded } from '../../support/protocol-values.js'
import { utf8 } from '../../support/vectors.js'
import { hexOf } from '../../support/protocol-endpoint.js'

const [alice, bob] = [createPerson(1), createPerson(2)]
const key = alice.own.signing.publicKey
const week = epochAt(NOW)
const record = sealBundleRecord(key, week, alice.prekeys.bundle, seeded(3))

describe('protocol/prekeys/bundle-record', () => {
  it('opens for who knows the identity', () => {
    assert.deepEqual(openBundleRecord(record, key, week), alice.bundle)
    assert.deepEqual(openBundleRecord(record, key, week, alice.bundle.encoded), alice.bundle)
    assert.deepEqual(openBundleRecord(record, key, week, bob.bundle.encoded), alice.bundle)
    assert.ok(record.body.length <= MAX_BUNDLE_RECORD_BYTES)
  })

  it('is found under an id that changes every week and tells nothing of the identity', () => {
    const info = Buffer.concat([utf8('hallig/1/bundle/id'), Uint8Array.of(0, 0, week >> 8, week & 0xff)])
    assert.deepEqual(record.id, new Uint8Array(hkdfSync('sha256', key, new Uint8Array(32), info, 32)))
    const ids = [-1, 0, 1].flatMap((step) =>
      [alice, bob].map(({ own }) => bundleRecordId(own.signing.publicKey, week + step))
    )
    assert.equal(new Set(ids.map(hexOf)).size, 6)
    assert.ok(!hexOf(record.body).includes(hexOf(key)))
  })

  it('does not open for another identity or week, nor under another id', () => {
    assert.equal(openBundleRecord(record, bob.own.signing.publicKey, week), undefined)
    assert.equal(openBundleRecord(record, key, week + 1), undefined)
    assert.equal(openBundleRecord({ ...record, id: flipped(record.id, 0) }, key, week), undefined)
  })

  it('does not take the bundle of another, though who planted it knows the identity', () => {
    const planted = sealBundleRecord(key, week, bob.prekeys.bundle, seeded(4))
    assert.equal(openBundleRecord(planted, key, week), undefined)
    assert.equal(openBundleRecord(planted, key, week, alice.bundle.encoded), undefined)
    assert.equal(
      openBundleRecord(sealBundleRecord(key, week, new Uint8Array(9), seeded(4)), key, week),
      undefined
    )
  })

  it('does not take a bundle that its owner has not signed, whatever was known before', () => {
    const forged = flipped(alice.prekeys.bundle, alice.prekeys.bundle.length - 1)
    const planted = sealBundleRecord(key, week, forged, seeded(4))
    for (const known of [undefined, alice.bundle.encoded, bob.bundle.encoded])
      assert.equal(openBundleRecord(planted, key, week, known), undefined)
  })

  it('does not take a bundle for the right one because its key has a byte in common', () => {
    const others = Array.from({ length: 60 }, (_, seed) => createPerson(100 + seed))
    const similar = others.find(({ own }) => own.signing.publicKey.some((byte, at) => byte === key[at]))
    assert.ok(similar !== undefined)
    const planted = sealBundleRecord(key, week, similar.prekeys.bundle, seeded(4))
    assert.equal(openBundleRecord(planted, key, week), undefined)
  })

  it('refuses every changed byte, and takes any bytes without throwing', () => {
    for (let at = 0; at < record.body.length; at += 1) {
      assert.equal(openBundleRecord({ ...record, body: flipped(record.body, at) }, key, week), undefined)
    }
    fc.assert(
      fc.property(fc.oneof(anyBytes(2_200), mutated(record.body)), (body) => {
        assert.equal(openBundleRecord({ ...record, body }, key, week), undefined)
      }),
      { numRuns: 150 }
    )
  })

  it('is looked for in the weeks around now', () => {
    assert.deepEqual(lookupWeeks(NOW), [week, week - 1, week + 1])
    assert.deepEqual(lookupWeeks(0), [0, 1])
    assert.deepEqual(
      lookupPlaces(key, NOW),
      [week, week - 1, week + 1].map((epoch) => ({ week: epoch, id: bundleRecordId(key, epoch) }))
    )
  })
})
