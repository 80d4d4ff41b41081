import assert from 'node:assert/strict'
import { FramePace } from '../../../src/messenger/carry/frame-pace.js'
import { MAX_SYNC_FRAME, MIN_SYNC_FRAME } from '../../../src/protocol/limits.js'
import type { SyncEvent } from '../../../src/protocol/sync/session.js'

/** Sends a frame at 0 and has an answer of this kind so much later. */
function exchange(pace: FramePace, kind: SyncEvent['kind'], took: number): number {
  pace.sent(0)
  pace.answered(kind, took)
  return pace.bytes
}

describe('messenger/frame-pace', () => {
  it('grows while answers come fast, up to its bound', () => {
    const pace = new FramePace()
    const first = pace.bytes
    assert.equal(exchange(pace, 'compared', 10), 2 * first)
    assert.equal(exchange(pace, 'stored', 10), 4 * first)
    for (let count = 0; count < 40; count++) exchange(pace, 'stored', 10)
    assert.equal(pace.bytes, MAX_SYNC_FRAME)
  })

  it('shrinks when an answer takes more than five seconds, down to its bound', () => {
    const pace = new FramePace()
    const first = pace.bytes
    assert.equal(exchange(pace, 'compared', 5_001), first / 2)
    for (let count = 0; count < 40; count++) exchange(pace, 'stored', 5_001)
    assert.equal(pace.bytes, MIN_SYNC_FRAME)
  })

  it('stays as it is in between', () => {
    const pace = new FramePace()
    const first = pace.bytes
    assert.equal(exchange(pace, 'greeted', 10), first)
    assert.equal(exchange(pace, 'compared', 1_010), first)
    assert.equal(exchange(pace, 'compared', 5_000), first)
    assert.equal(exchange(pace, 'compared', 1_009), 2 * first)
  })

  it('does not hold a long way against a link that is as fast as another', () => {
    const pace = new FramePace()
    const first = pace.bytes
    exchange(pace, 'greeted', 3_000)
    assert.equal(exchange(pace, 'stored', 3_999), 2 * first)
    assert.equal(exchange(pace, 'stored', 4_000), 2 * first)
  })

  it('says nothing of what came unasked', () => {
    const pace = new FramePace()
    const first = pace.bytes
    pace.answered('stored', 9_000)
    assert.equal(pace.bytes, first)
  })
})
