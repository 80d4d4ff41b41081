import assert from 'node:assert/strict'
import { suspectCopy } from '../../../src/messenger/continuity/suspect-copy.js'
import { DAY_MS } from '../../../src/protocol/limits.js'
import { createBench, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/suspect-copy', () => {
  let bench: Bench
  let alice: BenchNode
  let events: { readonly reason: string; readonly renewed: boolean }[]

  beforeEach(async () => {
    bench = createBench()
    alice = await bench.open('alice')
    events = []
    alice.context.events.addEventListener('identity:copy', ({ detail }) => events.push(detail))
  })

  async function suspect(reason: 'receipt' | 'bundle'): Promise<void> {
    suspectCopy(alice.context, reason, 7)
    // However often it is said at once.
    suspectCopy(alice.context, reason, 7)
    await bench.clock.advance(1_000)
  }

  it('renews at the first sign, and says at the second that two go on at once', async () => {
    await suspect('receipt')
    assert.deepEqual(events, [{ reason: 'receipt', renewed: true }])
    await suspect('bundle')
    assert.deepEqual(events.at(-1), { reason: 'bundle', renewed: false })
    assert.equal(alice.context.own.continuity.contested, true)
    await bench.clock.advance(30 * DAY_MS)
    await suspect('bundle')
    assert.equal(events.length, 2, 'whoever is contested waits for its user')
    assert.equal(alice.context.own.continuity.renewals.length, 1)
  })

  it('cannot be made to renew more than once a day and three times a week', async () => {
    for (let day = 0; day < 7; day++) {
      alice.context.own.continuity = { ...alice.context.own.continuity, contested: false }
      await suspect('receipt')
      await bench.clock.advance(DAY_MS)
    }
    assert.equal(alice.context.own.continuity.renewals.length, 3)
  })
})
