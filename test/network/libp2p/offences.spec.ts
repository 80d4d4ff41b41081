import assert from 'node:assert/strict'
import { Offences } from '../../../src/network/libp2p/offences.js'
import { MAX_DENIED_PEERS, MAX_OFFENCES, OFFENCE_WINDOW_MS } from '../../../src/network/limits.js'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.js'

describe('network/libp2p/offences', () => {
  it('are too many at the bound, for each peer by itself', () => {
    const offences = new Offences(createVirtualClock())
    for (let n = 1; n < MAX_OFFENCES; n += 1) {
      assert.equal(offences.record('mallory'), false)
      assert.equal(offences.record('trudy'), false)
    }
    assert.equal(offences.record('mallory'), true)
  })

  it('are forgiven after a while', async () => {
    const clock = createVirtualClock()
    const offences = new Offences(clock)
    for (let n = 1; n < MAX_OFFENCES; n += 1) offences.record('mallory')
    await clock.advance(OFFENCE_WINDOW_MS)
    assert.equal(offences.record('mallory'), false)
  })

  it('count for no longer when the clock was set back', () => {
    let now = 86_400_000
    const offences = new Offences({ now: () => now })
    for (let n = 1; n < MAX_OFFENCES; n += 1) offences.record('mallory')
    now = 0
    assert.equal(offences.record('mallory'), false)
  })

  it('of more peers than can be remembered drop those of the peer seen longest ago', () => {
    const offences = new Offences(createVirtualClock())
    for (let n = 1; n < MAX_OFFENCES; n += 1) offences.record('mallory')
    for (let n = 0; n < MAX_DENIED_PEERS; n += 1) offences.record(`peer ${n}`)
    assert.equal(offences.record('mallory'), false)
  })
})
