import assert from 'node:assert/strict'
import type { Clock } from '../../src/clock.js'
import { pause, Turns } from '../../src/messenger/turns.js'

describe('messenger/turns', () => {
  /** A clock that goes on, or back, with each step of the work. */
  const pausesAfter = async (steps: readonly number[]): Promise<number[]> => {
    let now = 1_750_000_000_000
    let pauses = 0
    const turns = new Turns({
      now: () => now,
      schedule: (delay, wake) => {
        assert.equal(delay, 0)
        pauses++
        queueMicrotask(wake)
        return () => undefined
      }
    })
    const after: number[] = []
    for (const [step, duration] of steps.entries()) {
      now += duration
      const before = pauses
      await turns.next()
      if (pauses > before) after.push(step)
    }
    return after
  }

  it('gives the event loop a turn every 8 ms of work, not after every step', async () => {
    assert.deepEqual(await pausesAfter([1, 3, 3, 1, 4, 3, 20, 0, 7, 1]), [3, 6, 9])
  })

  it('gives it one when the clock was put back', async () => {
    assert.deepEqual(await pausesAfter([1, -3_600_000, 1, 1]), [1])
  })

  it('takes no turn for work that takes no time', async () => {
    assert.deepEqual(await pausesAfter([0, 0, 0, 7, 0]), [])
  })

  it('pauses for as long as it is asked to', async () => {
    const delays: number[] = []
    const schedule: Clock['schedule'] = (delay, wake) => {
      delays.push(delay)
      queueMicrotask(wake)
      return () => undefined
    }
    await pause({ schedule })
    await pause({ schedule }, 70)
    assert.deepEqual(delays, [0, 70])
  })
})
