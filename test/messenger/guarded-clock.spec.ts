import assert from 'node:assert/strict'
import { platform } from '#platform'
import type { Clock } from '../../src/index.js'
import { createMemoryHub, createMessenger } from '../../src/index.js'
import { guardedClock } from '../../src/messenger/guarded-clock.js'
import { createVirtualClock } from '../../src/simulator/index.js'

const fail = (): never => {
  throw new Error('out of order')
}

describe('a clock of the app', () => {
  const warnings: string[] = []
  const logger = { debug: () => undefined, warn: (message: string) => warnings.push(message) }
  const system = createVirtualClock(5_000)

  beforeEach(() => {
    warnings.length = 0
  })

  it('is asked as long as it answers', async () => {
    const own = createVirtualClock(1_000)
    const clock = guardedClock(own, system, logger)
    assert.equal(clock.now(), 1_000)
    const woken: string[] = []
    clock.schedule(10, () => woken.push('first'))
    clock.schedule(20, () => woken.push('cancelled'))()
    await own.advance(30)
    assert.deepEqual([woken, warnings, system.pending], [['first'], [], 0])
  })

  it('gives way to the system’s where it fails, and that is told once', async () => {
    const clock = guardedClock({ now: fail, schedule: fail }, system, logger)
    assert.equal(clock.now(), 5_000)
    const woken: string[] = []
    clock.schedule(10, () => woken.push('first'))
    clock.schedule(20, () => woken.push('cancelled'))()
    await system.advance(30)
    assert.deepEqual(woken, ['first'])
    assert.equal(warnings.length, 1)
  })

  it('wakes nobody who has left, and nobody twice, though it cannot cancel', () => {
    for (const cancel of [fail, null as never]) {
      const wakes: (() => void)[] = []
      const schedule = (_: number, wake: () => void): (() => void) => {
        wakes.push(wake)
        return cancel
      }
      const clock = guardedClock({ now: Date.now, schedule }, system, logger)
      let count = 0
      clock.schedule(10, () => assert.fail())()
      clock.schedule(10, () => {
        count += 1
      })
      for (const wake of [...wakes, ...wakes]) wake()
      assert.equal(count, 1)
    }
  })

  it('that can schedule nothing keeps no message from arriving', async () => {
    const hub = createMemoryHub({ clock: platform.clock, seed: 1 })
    const clock: Clock = { now: platform.clock.now, schedule: fail }
    await using alice = await createMessenger({ clock, network: hub.createNetwork('alice') })
    await using bob = await createMessenger({ clock, network: hub.createNetwork('bob') })
    const { conversationId } = await alice.contacts.add(await bob.identity.card({ size: 'full' }))
    const delivered = new Promise<void>((resolve) => {
      alice.addEventListener('message:update', ({ detail }) => {
        if (detail.status === 'delivered') resolve()
      })
    })
    await alice.send(conversationId, 'Whatever the time may be')
    await delivered
  })

  it('that gives no time is refused', async () => {
    for (const now of [() => new Date(), () => NaN, () => '5', fail]) {
      const clock = { now, schedule: platform.clock.schedule }
      await assert.rejects(
        async () => {
          await Reflect.apply(createMessenger, undefined, [{ clock, start: false }])
        },
        { code: 'OPTIONS_INVALID' }
      )
    }
  })
})
