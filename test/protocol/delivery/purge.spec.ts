import assert from 'node:assert/strict'
import { releaseTime } from '../../../src/protocol/delivery/purge.js'
import { MAX_RELEASE_WAIT, MIN_RELEASE_WAIT } from '../../../src/protocol/limits.js'

describe('protocol/delivery/purge', () => {
  it('waits between one minute and thirty', () => {
    assert.equal(
      releaseTime(5, (length) => new Uint8Array(length)),
      5 + MIN_RELEASE_WAIT
    )
    const latest = releaseTime(5, (length) => new Uint8Array(length).fill(255))
    assert.ok(latest > MAX_RELEASE_WAIT - 100 && latest <= 5 + MAX_RELEASE_WAIT)
  })
})
