import assert from 'node:assert/strict'
import { Timers } from '../../src/messenger/timers.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

describe('messenger/timers', () => {
  it('acts once, or again and again, until all is cancelled', async () => {
    const clock = createVirtualClock()
    const timers = new Timers(clock)
    const done: string[] = []
    timers.after(150, () => done.push('once'))
    timers.every(100, () => done.push('again'))
    timers.every(200, () => done.push('early'), 0.25)
    await clock.advance(350)
    assert.deepEqual(done, ['early', 'again', 'once', 'again', 'early', 'again'])
    assert.equal(timers.isIdle, false)
    timers.cancel()
    await clock.advance(1_000)
    assert.deepEqual([done.length, clock.pending, timers.isIdle], [6, 0, true])
  })

  it('may be cancelled by what it does, and begun anew', async () => {
    const clock = createVirtualClock()
    const timers = new Timers(clock)
    const done: string[] = []
    timers.every(100, () => {
      done.push('often')
      timers.cancel()
      timers.every(1_000, () => done.push('rarely'))
    })
    await clock.advance(1_100)
    assert.deepEqual(done, ['often', 'rarely'])
  })
})
