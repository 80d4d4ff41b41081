import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { isMessengerError } from '../../src/index.js'
import { inWorld } from '../../src/simulator/index.js'

const CALLS = 12

/** Node warns of a leak where a signal has eleven listeners. */
const assertFew = (signal: AbortSignal): void => {
  assert.ok(getEventListeners(signal, 'abort').length <= 1)
}

describe('one signal for many calls', () => {
  it('has one listener at most, and ends them all', async () => {
    await inWorld({ seed: 1 }, async (world) => {
      const [alice, bob] = [await world.person('alice'), await world.person('bob')]
      await bob.add(await alice.card({ size: 'full' }))
      await bob.say(alice, 'Hello')
      await world.pass(60_000)
      const aborter = new AbortController()
      const { signal } = aborter
      const calls = Array.from({ length: CALLS }, () => [
        bob.messenger.sync({ signal }),
        bob.messenger.exportParcels(() => new Promise(() => undefined), { signal }),
        bob.messenger.importParcels(silent(), { signal })
      ]).flat()
      const outcomes = Promise.allSettled(calls)
      for (let turn = 0; turn < 20; turn += 1) {
        await world.pass(1)
        assertFew(signal)
      }
      const reason = new Error('The user has gone')
      aborter.abort(reason)
      for (const outcome of await world.run(outcomes)) {
        if (outcome.status === 'fulfilled') continue
        const error: unknown = outcome.reason
        assert.ok(isMessengerError(error, 'ABORTED') && error.cause === reason)
      }
      assert.ok((await outcomes).filter(({ status }) => status === 'rejected').length >= 2 * CALLS)
      assert.deepEqual(getEventListeners(signal, 'abort'), [])
    })
  })
})

async function* silent(): AsyncGenerator<Uint8Array> {
  await new Promise(() => undefined)
  yield new Uint8Array()
}
