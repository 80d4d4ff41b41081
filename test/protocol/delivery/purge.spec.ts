import assert from 'node:assert/strict'
import { releaseTime } from '../../../src/protocol/delivery/purge.js'
import { MAX_RELEASE_WAIT, MIN_RELEASE_WAIT } from '../../../src/protocol/limits.js'

describe('protocol/delivery/purge', () => {
  it('waits between one minute and thirty', () => {
    const at = (high: number, low: number): number => releaseTime(5, () => Uint8Array.of(high, low))
    const range = MAX_RELEASE_WAIT - MIN_RELEASE_WAIT
    assert.deepEqual([MIN_RELEASE_WAIT, MAX_RELEASE_WAIT], [60_000, 1_800_000])
    assert.equal(at(0, 0), 5 + MIN_RELEASE_WAIT)
    assert.equal(at(128, 0), 5 + MIN_RELEASE_WAIT + range / 2)
    assert.equal(at(0, 1), 5 + MIN_RELEASE_WAIT + Math.floor(range / 65_536))
    assert.equal(at(255, 255), 5 + MIN_RELEASE_WAIT + Math.floor((range * 65_535) / 65_536))
  })
})
