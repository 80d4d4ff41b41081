import assert from 'node:assert/strict'
import { SyncRetries } from '../../../src/messenger/carry/sync-retries.js'

const MINUTE = 60_000

describe('messenger/sync-retries', () => {
  it('leaves a peer that does not answer alone for longer and longer, up to some minutes', () => {
    const retries = new SyncRetries()
    const waits = Array.from({ length: 8 }, () => retries.failed('old', false, 0))
    assert.deepEqual(waits, [1_000, 4_000, 16_000, 64_000, 256_000, 1_024_000, 1_024_000, 1_024_000])
  })

  it('tries a peer that has greeted again within a minute, however often it breaks off', () => {
    const retries = new SyncRetries()
    const waits = Array.from({ length: 6 }, () => retries.failed('shaky', true, 0))
    assert.deepEqual(waits.slice(0, 3), [1_000, 4_000, 16_000])
    assert.ok(waits.slice(3).every((wait) => wait === MINUTE))
  })

  it('lets a peer rest until its time has come, and no other', () => {
    const retries = new SyncRetries()
    const wait = retries.failed('shaky', false, 5_000)
    assert.ok(retries.isResting('shaky', 5_000) && retries.isResting('shaky', 5_000 + wait - 1))
    assert.ok(!retries.isResting('shaky', 5_000 + wait) && !retries.isResting('other', 5_000))
  })

  it('forgets the failures of a peer that went, and of one with whom all went well', () => {
    const retries = new SyncRetries()
    retries.failed('shaky', false, 0)
    retries.failed('old', false, 0)
    assert.deepEqual(retries.peers(), ['shaky', 'old'])
    retries.forget('shaky')
    assert.ok(!retries.isResting('shaky', 0))
    assert.equal(retries.failed('shaky', false, 0), 1_000)
    retries.clear()
    assert.deepEqual(retries.peers(), [])
  })

  it('leaves nobody alone for hours because the clock was ahead', () => {
    const retries = new SyncRetries()
    retries.failed('shaky', false, 86_400_000)
    assert.ok(!retries.isResting('shaky', 0))
  })
})
