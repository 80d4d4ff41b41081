import assert from 'node:assert/strict'
import { OwnRecords } from '../../../src/messenger/contacts/own-records.js'
import { rotatePrekeys } from '../../../src/messenger/contacts/own-identity.js'
import { lookupPlaces, openBundleRecord } from '../../../src/protocol/prekeys/bundle-record.js'
import { epochAt } from '../../../src/protocol/prekeys/bundle.js'
import { EPOCH_SECONDS } from '../../../src/protocol/limits.js'
import { createBench, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/own-records', () => {
  let bench: Bench
  let alice: BenchNode
  let records: OwnRecords

  beforeEach(async () => {
    bench = createBench()
    alice = await bench.open('alice', { start: false })
    records = new OwnRecords(alice.context)
  })

  const key = (): Uint8Array => alice.context.own.record.identity.signing.publicKey
  const week = (): number => epochAt(bench.clock.now())

  it('are sealed once for each week, and say what the bundle says', () => {
    const record = records.current()
    assert.equal(records.current(), record)
    assert.equal(records.sealed(week()), record)
    const next = records.sealed(week() + 1)
    assert.equal(records.sealed(week() + 1), next)
    for (const [sealed, of] of [[record, week()] as const, [next, week() + 1] as const]) {
      assert.deepEqual(openBundleRecord(sealed, key(), of)?.encoded, alice.context.own.prekeys.bundle)
    }
  })

  it('are sealed anew under another nonce for another bundle', async () => {
    const before = records.current()
    await rotatePrekeys(alice.context)
    const after = records.current()
    assert.deepEqual(after.id, before.id)
    assert.notDeepEqual(after.body.subarray(0, 12), before.body.subarray(0, 12))
    assert.deepEqual(openBundleRecord(after, key(), week())?.encoded, alice.context.own.prekeys.bundle)
  })

  it('lie elsewhere in another week', async () => {
    assert.deepEqual(records.places(), lookupPlaces(key(), bench.clock.now()))
    const before = records.current()
    await bench.clock.advance(EPOCH_SECONDS * 1_000)
    assert.deepEqual(records.places(), lookupPlaces(key(), bench.clock.now()))
    const after = records.current()
    assert.notDeepEqual(after.id, before.id)
    assert.deepEqual(openBundleRecord(after, key(), week())?.encoded, alice.context.own.prekeys.bundle)
  })
})
