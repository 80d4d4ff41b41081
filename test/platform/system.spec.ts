import assert from 'node:assert/strict'
import { systemClock } from '../../src/platform/system.js'

/** Run something where there is no `setImmediate`, as in browsers. */
async function asInBrowsers(action: () => Promise<void>): Promise<void> {
  const { setImmediate } = globalThis
  Reflect.deleteProperty(globalThis, 'setImmediate')
  try {
    await action()
  } finally {
    globalThis.setImmediate = setImmediate
  }
}

async function wakesBeforeTimers(): Promise<void> {
  const order: string[] = []
  await new Promise<void>((resolve) => {
    const note = (what: string): void => {
      order.push(what)
      if (order.length === 2) resolve()
    }
    setTimeout(() => {
      note('timer')
    }, 20)
    systemClock.schedule(0, () => {
      note('turn')
    })
  })
  assert.deepEqual(order, ['turn', 'timer'])
}

async function isCancelled(): Promise<void> {
  const woken: string[] = []
  const cancel = systemClock.schedule(0, () => woken.push('cancelled'))
  cancel()
  await new Promise<void>((resolve) => {
    systemClock.schedule(0, resolve)
  })
  await new Promise((resolve) => setTimeout(resolve, 5))
  assert.deepEqual(woken, [])
}

describe('platform/system', () => {
  it('wakes whoever waits for no time at the end of the turn, without a timer', async () => {
    await wakesBeforeTimers()
    await asInBrowsers(async () => {
      const { setTimeout: original } = globalThis
      let timers = 0
      globalThis.setTimeout = Object.assign((...args: Parameters<typeof original>) => {
        timers += 1
        return original(...args)
      }, original)
      try {
        await new Promise<void>((resolve) => {
          systemClock.schedule(0, resolve)
        })
      } finally {
        globalThis.setTimeout = original
      }
      assert.equal(timers, 0)
    })
  })

  it('wakes nobody who has cancelled that', async () => {
    await isCancelled()
    await asInBrowsers(isCancelled)
  })
})
