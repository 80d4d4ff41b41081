import assert from 'node:assert/strict'
import { createDeadline, pause } from '../../../src/network/libp2p/deadline.js'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.js'

describe('network/libp2p/deadline', () => {
  it('aborts when the time is up, not before', async () => {
    const clock = createVirtualClock()
    const { signal } = createDeadline(clock, 100)
    await clock.advance(99)
    assert.equal(signal.aborted, false)
    await clock.advance(1)
    assert.equal(signal.aborted, true)
  })

  it('aborts with its caller, for the same reason, also if that was aborted before', () => {
    const reason = new Error('enough')
    const caller = new AbortController()
    const { signal } = createDeadline(createVirtualClock(), 100, caller.signal)
    caller.abort(reason)
    assert.equal(signal.reason, reason)
    assert.equal(createDeadline(createVirtualClock(), 100, caller.signal).signal.reason, reason)
  })

  it('leaves nothing behind when released', async () => {
    const clock = createVirtualClock()
    const caller = new AbortController()
    const deadline = createDeadline(clock, 100, caller.signal)
    deadline.release()
    assert.equal(clock.pending, 0)
    caller.abort()
    await clock.advance(1_000)
    assert.equal(deadline.signal.aborted, false)
  })

  it('does not pause for no time, which would wait for a timer, and not at all once aborted', async () => {
    const clock = createVirtualClock()
    const controller = new AbortController()
    await pause(clock, 0, controller.signal)
    controller.abort(new Error('enough'))
    await assert.rejects(pause(clock, 0, controller.signal), /enough/)
    assert.equal(clock.pending, 0)
  })

  it('pauses for its time, or until aborted', async () => {
    const clock = createVirtualClock()
    const controller = new AbortController()
    const done = pause(clock, 50, controller.signal)
    const aborted = assert.rejects(pause(clock, 5_000, controller.signal), /enough/)
    await clock.advance(50)
    await done
    controller.abort(new Error('enough'))
    await aborted
    await assert.rejects(pause(clock, 50, controller.signal), /enough/)
    assert.equal(clock.pending, 0)
  })
})
