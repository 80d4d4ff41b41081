import assert from 'node:assert/strict'
import { beginLife } from '../../src/simulator/life.js'
import { localClock } from '../../src/simulator/local-clock.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

const DAY = 86_400_000

describe('simulator/local-clock', () => {
  it('is ahead by its offset and gains by its drift, in whole milliseconds', async () => {
    const world = createVirtualClock(0)
    const error = { offset: 1_000.5, drift: 200, since: 0 }
    const clock = localClock(world, beginLife(), error, { wakes: 0 })
    assert.equal(clock.now(), 1_000)
    await world.advance(DAY)
    assert.equal(clock.now(), DAY + 1_000 + 17_280)
  })

  it('wakes after as much of its own time as asked for', async () => {
    const world = createVirtualClock(0)
    const clock = localClock(world, beginLife(), { offset: 0, drift: -200, since: 0 }, { wakes: 0 })
    let wokenAt = 0
    clock.schedule(DAY, () => (wokenAt = clock.now()))
    await world.advance(2 * DAY)
    assert.equal(wokenAt, DAY)
    assert.equal(world.now(), 2 * DAY)
  })

  it('wakes nobody after the death, and counts whom it wakes', async () => {
    const world = createVirtualClock(0)
    const life = beginLife()
    const count = { wakes: 0 }
    const clock = localClock(world, life, { offset: 0, drift: 0, since: 0 }, count)
    clock.schedule(1, () => life.kill())
    clock.schedule(2, () => assert.fail('it is dead'))
    await world.advance(3)
    assert.equal(count.wakes, 1)
  })
})
