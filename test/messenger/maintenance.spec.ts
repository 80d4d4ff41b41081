import assert from 'node:assert/strict'
import { MessengerError } from '../../src/errors.js'
import { Maintenance } from '../../src/messenger/maintenance.js'
import { DAY_MS } from '../../src/protocol/limits.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { createBench, friends } from '../support/messenger-bench.js'

describe('messenger/maintenance', () => {
  it('looks once a minute, and once a day at what takes long, until it is stopped', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const done: string[] = []
    const maintenance = new Maintenance(alice.context, {
      expire: async () => {
        done.push('expire')
        return Promise.resolve()
      },
      lookForOwn: () => void done.push('look'),
      onPruned: async () => {
        done.push('prune')
        return Promise.resolve()
      }
    })
    const count = (what: string): number => done.filter((one) => one === what).length
    maintenance.start()
    await bench.clock.advance(10 * 60_000 + 1_000)
    assert.deepEqual([count('expire'), count('look'), count('prune')], [10, 1, 1])
    await bench.clock.advance(DAY_MS)
    assert.deepEqual([count('look'), count('prune')], [2, 2])
    await bench.run(maintenance.stop())
    const before = done.length
    await bench.clock.advance(DAY_MS)
    assert.equal(done.length, before)
  })

  it('is done when it is stopped, and looks once a minute when it is started again in the midst of a look', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    let looks = 0
    let finish: () => void = () => undefined
    const maintenance = new Maintenance(alice.context, {
      expire: () => {
        looks++
        return new Promise((resolve) => (finish = resolve))
      },
      lookForOwn: () => undefined,
      onPruned: () => Promise.resolve()
    })
    maintenance.start()
    await bench.clock.advance(60_000)
    let isStopped = false
    const stopped = maintenance.stop().then(() => (isStopped = true))
    await bench.clock.advance(1_000)
    assert.deepEqual([looks, isStopped], [1, false])
    finish()
    await bench.run(stopped)
    maintenance.start()
    for (let minute = 0; minute < 5; minute++) {
      await bench.clock.advance(60_000)
      finish()
    }
    assert.equal(looks, 6)
    await bench.run(maintenance.stop())
  })

  it('goes on after a failure', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    let tries = 0
    const maintenance = new Maintenance(alice.context, {
      expire: () => {
        tries++
        return Promise.reject(new Error('no disk'))
      },
      lookForOwn: () => undefined,
      onPruned: () => Promise.resolve()
    })
    maintenance.start()
    await bench.clock.advance(3 * 60_000 + 1_000)
    assert.equal(tries, 3)
    assert.ok(alice.warnings.some((warning) => warning.includes('no disk')))
    await bench.run(maintenance.stop())
  })

  it('does the rest also when what was spent of a budget cannot be stored', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    let looks = 0
    alice.context.budget.save = () => Promise.reject(new Error('no room'))
    const maintenance = new Maintenance(alice.context, {
      expire: () => Promise.resolve(),
      lookForOwn: () => {
        looks++
      },
      onPruned: () => Promise.resolve()
    })
    maintenance.start()
    await bench.clock.advance(61_000)
    assert.equal(looks, 1)
    assert.ok(alice.warnings.some((warning) => warning.includes('no room')))
    await bench.run(maintenance.stop())
  })

  it('looks at all the rest when one thing fails, and when the store does', async () => {
    const bench = createBench()
    const store = createMemoryStore()
    const [alice] = await friends(bench, store)
    let looks = 0
    const maintenance = new Maintenance(alice.context, {
      expire: () => Promise.reject(new Error('no disk')),
      lookForOwn: () => {
        looks++
      },
      onPruned: () => Promise.resolve()
    })
    // Its own maintenance stopped, the prekeys of the next week are due; and they cannot be stored.
    await bench.run(alice.node.stop())
    await bench.clock.advance(8 * DAY_MS)
    store.commit = () => Promise.reject(new MessengerError('STORE_FAILED', 'no disk'))
    maintenance.start()
    await bench.clock.advance(60_000)
    assert.equal(looks, 1)
    await bench.run(maintenance.stop())
  })
})
