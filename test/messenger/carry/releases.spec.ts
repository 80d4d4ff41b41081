import assert from 'node:assert/strict'
import { Releases } from '../../../src/messenger/carry/releases.js'
import { MAX_RELEASE_WAIT } from '../../../src/protocol/limits.js'
import { numberedItem } from '../../support/sync-items.js'

const NOW = 1_750_000_000_000
const secret = new Uint8Array(16)

describe('messenger/releases', () => {
  it('gives what is due, once', () => {
    const releases = new Releases()
    const released = { item: numberedItem(7, 1), secret, dueAt: NOW }
    releases.add(released)
    assert.deepEqual(releases.takeDue(NOW - 1), [])
    assert.deepEqual(releases.takeDue(NOW), [released])
    assert.deepEqual(releases.takeDue(NOW), [])
  })

  it('knows when the first is due, of however many', () => {
    const releases = new Releases()
    assert.equal(releases.nextAt, Infinity)
    for (let n = 200_000; n > 0; n--) {
      const id = new Uint8Array(32)
      new DataView(id.buffer).setUint32(0, n)
      releases.add({ item: { day: 7, id }, secret, dueAt: NOW + n })
    }
    assert.equal(releases.nextAt, NOW + 1)
  })

  it('does not wait for a clock that was set back', () => {
    const releases = new Releases()
    releases.add({ item: numberedItem(7, 1), secret, dueAt: NOW })
    assert.equal(releases.takeDue(NOW - MAX_RELEASE_WAIT - 1).length, 1)
  })

  it('forgets what was purged meanwhile, and what has expired', () => {
    const releases = new Releases()
    for (const n of [1, 2]) releases.add({ item: numberedItem(n, n), secret, dueAt: 0 })
    releases.remove(numberedItem(1, 1).id)
    releases.expire((day) => day === 2)
    assert.deepEqual(releases.takeDue(NOW), [])
  })
})
