import assert from 'node:assert/strict'
import type { Clock } from '../../src/clock.js'
import { MessengerError } from '../../src/errors.js'
import { Maintenance } from '../../src/messenger/maintenance.js'
import { sendMessage } from '../../src/messenger/send/send-message.js'
import { DAY_MS, MAX_RELEASE_WAIT } from '../../src/protocol/limits.js'
import { createMemoryStore } from '../../src/storage/memory-store.js'
import { createBench, friends, onlyState, type BenchNode } from '../support/messenger-bench.js'

describe('messenger/maintenance', () => {
  /** A maintenance of alice's, and what it has done. */
  function watched({ context }: BenchNode): { maintenance: Maintenance; count: (what: string) => number } {
    const done: string[] = []
    const maintenance = new Maintenance(context, {
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
    return { maintenance, count: (what) => done.filter((one) => one === what).length }
  }

  it('looks once a minute while something waits, and once a day at what takes long, until it is stopped', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    await bench.run(bob.node.stop())
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'nobody is there'))
    const { maintenance, count } = watched(alice)
    maintenance.start()
    await bench.clock.advance(10 * 60_000 + 1_000)
    assert.deepEqual([count('expire'), count('look'), count('prune')], [10, 1, 1])
    await bench.clock.advance(DAY_MS)
    assert.deepEqual([count('look'), count('prune')], [24, 2])
    await bench.run(maintenance.stop())
    const before = count('expire')
    await bench.clock.advance(DAY_MS)
    assert.equal(count('expire'), before)
  })

  it('looks every ten minutes where nothing waits, once a day at what takes long, and soon when it is stirred', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    // What has arrived was released to others.
    await bench.clock.advance(MAX_RELEASE_WAIT + 60_000)
    const { maintenance, count } = watched(alice)
    maintenance.start()
    await bench.clock.advance(2 * 60_000 + 1_000)
    const looks = count('expire')
    await bench.clock.advance(60 * 60_000)
    assert.equal(count('expire') - looks, 6)
    maintenance.stir()
    await bench.clock.advance(59_000)
    assert.equal(count('expire') - looks, 6)
    await bench.clock.advance(1_000)
    assert.equal(count('expire') - looks, 7)
    await bench.clock.advance(DAY_MS)
    assert.deepEqual([count('look'), count('prune')], [2, 2])
    await bench.run(maintenance.stop())
    maintenance.stir()
    const before = count('expire')
    await bench.clock.advance(DAY_MS)
    assert.equal(count('expire'), before)
  })

  it('wakes a device that is alone and has nothing to do some times an hour', async () => {
    const bench = createBench()
    let wakes = 0
    const clock: Clock = {
      now: () => bench.clock.now(),
      schedule: (delay, wake) =>
        bench.clock.schedule(delay, () => {
          wakes++
          wake()
        })
    }
    await bench.open('alice', { clock })
    await bench.clock.advance(60 * 60_000)
    wakes = 0
    await bench.clock.advance(60 * 60_000)
    assert.ok(wakes <= 6, `${String(wakes)} times`)
  })

  it('releases what has arrived when that is due, whatever else waits', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const dueAt = alice.context.mailbox.nextReleaseAt
    assert.ok(Number.isFinite(dueAt))
    await bench.clock.advance(dueAt - bench.clock.now() - 1)
    assert.equal(alice.context.mailbox.nextReleaseAt, dueAt)
    await bench.clock.advance(60_000)
    assert.ok(alice.context.mailbox.nextReleaseAt > dueAt)
  })

  it('tells the app once when a contact falls silent, and of one that is heard again when it does so again', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    await bench.open('carol')
    const told: (number | undefined)[] = []
    alice.context.events.addEventListener('contact:update', ({ detail }) => {
      const { reachable, heardAt } = detail
      if (!reachable) told.push(heardAt)
    })
    const heard: number[] = []
    for (let times = 0; times < 2; times++) {
      await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'again'))
      await bench.clock.advance(30_000)
      bench.hub.partition([['alice', 'carol'], ['bob']])
      await bench.clock.advance(60 * 60_000)
      heard.push(onlyState(alice.context).conversation.heardAt)
      bench.hub.heal()
      await bench.clock.advance(60_000)
    }
    assert.deepEqual(told, heard)
  })

  it('does not take a clock that has just jumped at its word, and soon looks whether it was right', async () => {
    const bench = createBench()
    let ahead = 0
    const clock: Clock = {
      now: () => bench.clock.now() + ahead,
      schedule: (delay, wake) => bench.clock.schedule(delay, wake)
    }
    const alice = await bench.open('alice', { clock })
    const { maintenance, count } = watched(alice)
    maintenance.start()
    await bench.clock.advance(60 * 60_000)
    const before = count('expire')
    ahead = DAY_MS
    // The next look, ten minutes after that of the 51st minute, finds that it has jumped, the one a minute later that it goes on from there.
    await bench.clock.advance(90_000)
    assert.equal(count('expire'), before)
    await bench.clock.advance(60_000)
    assert.equal(count('expire'), before + 1)
    await bench.run(maintenance.stop())
  })

  it('is done when it is stopped, and looks once a minute when it is started again in the midst of a look', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    await bench.run(bob.node.stop())
    await bench.run(sendMessage(alice.context, onlyState(alice.context).conversation.id, 'nobody is there'))
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
