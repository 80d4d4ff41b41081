import assert from 'node:assert/strict'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

describe('simulator/virtual-clock', () => {
  it('runs due timers in order of their time, then of their making', async () => {
    const clock = createVirtualClock(0)
    const ran: string[] = []
    const note = (name: string) => (): void => void ran.push(`${name} ${clock.now()}`)
    clock.schedule(20, note('c'))
    clock.schedule(10, note('a'))
    clock.schedule(10, note('b'))
    clock.schedule(30, note('later'))
    await clock.advance(25)
    assert.deepEqual(ran, ['a 10', 'b 10', 'c 20'])
    assert.deepEqual([clock.now(), clock.pending], [25, 1])
  })

  it('lets promises finish between two timers, and runs the timers they set', async () => {
    const clock = createVirtualClock(0)
    const ran: number[] = []
    clock.schedule(10, () => {
      void (async () => {
        for (let step = 0; step < 50; step += 1) await Promise.resolve()
        clock.schedule(5, () => void ran.push(clock.now()))
      })()
    })
    await clock.advance(15)
    assert.deepEqual(ran, [15])
  })

  it('lets promises finish between two timers that different callers let pass, whoever of them has its turn first', async () => {
    // Often enough that the event loop has its turn at every point of what these callers do.
    for (let round = 0; round < 1_024; round += 1) {
      const clock = createVirtualClock(0)
      let late = 0
      const answered = Array.from({ length: 3 }, () => {
        let isAnswered = false
        const giveUp = clock.schedule(1_000, () => (late += 1))
        const answer = (): void => {
          giveUp()
          void Promise.resolve().then(() => (isAnswered = true))
        }
        clock.schedule(1, () => void Promise.resolve().then(() => clock.schedule(1, answer)))
        return clock.runUntil(() => isAnswered, 2_000)
      })
      await Promise.all([...answered, clock.advance(10)])
      assert.equal(late, 0)
    }
  })

  it('forgets a cancelled timer', async () => {
    const clock = createVirtualClock(0)
    const cancel = clock.schedule(10, () => assert.fail('it was cancelled'))
    cancel()
    cancel()
    await clock.advance(20)
  })

  it('runs until something holds, and says what did not', async () => {
    const clock = createVirtualClock(0)
    let done = false
    clock.schedule(1_000, () => (done = true))
    await clock.runUntil(() => done, 2_000)
    assert.equal(clock.now(), 1_000)
    await assert.rejects(
      clock.runUntil(() => clock.now() < 0, 1_000),
      /clock.now\(\) < 0/
    )
  })

  it('goes on for somebody who lets time pass while somebody else does, whenever the event loop gets a turn', async () => {
    const clock = createVirtualClock(0)
    const tick = (): void => void clock.schedule(10, tick)
    tick()
    // More often than the event loop is kept waiting: one of the two has its turn at every point there is.
    for (let round = 0; round < 2_048; round += 1) {
      let done = false
      let woke = false
      clock.schedule(5, () => (woke = true))
      const inner = clock.runUntil(() => woke, 1_000).then(() => (done = true))
      await clock.runUntil(() => done, 1_000)
      await inner
    }
  })

  it('passes no time that is none, which would be without end, and never goes back', async () => {
    const clock = createVirtualClock(100)
    await clock.advance(-50)
    assert.equal(clock.now(), 100)
    const isBad = { code: 'OPTIONS_INVALID' }
    await assert.rejects(clock.advance(NaN), isBad)
    await assert.rejects(
      clock.runUntil(() => false, NaN),
      isBad
    )
  })
})
