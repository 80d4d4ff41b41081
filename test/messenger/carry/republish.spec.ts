import assert from 'node:assert/strict'
import { Republisher } from '../../../src/messenger/carry/republish.js'
import { createBench, friends, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/republish', () => {
  let bench: Bench
  let alice: BenchNode
  let published: number[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice] = await friends(bench)
    published = []
    alice.context.publishOnce = (envelope) => void published.push(envelope[0] ?? -1)
  })

  const fetched = (first: number, size = 512): { id: Uint8Array; envelope: Uint8Array } => ({
    id: new Uint8Array(32).fill(first),
    envelope: new Uint8Array(size).fill(first)
  })

  it('tells of each envelope once, a little later', async () => {
    const republisher = new Republisher(alice.context)
    republisher.add([fetched(1), fetched(2)])
    republisher.add([fetched(2)])
    assert.deepEqual(published, [])
    await bench.clock.advance(2_000)
    assert.deepEqual(published, [1, 2])
  })

  it('leaves out what somebody else has told of meanwhile', async () => {
    const republisher = new Republisher(alice.context)
    republisher.add([fetched(1), fetched(2)])
    republisher.heard(fetched(1).id)
    await bench.clock.advance(2_000)
    assert.deepEqual(published, [2])
  })

  it('spreads much over time, and drops what is too much', async () => {
    const republisher = new Republisher(alice.context)
    republisher.add(Array.from({ length: 300 }, (_, n) => fetched(n & 0xff, 32_768 - (n >> 8))))
    await bench.clock.advance(1_001)
    assert.ok(published.length <= 40, String(published.length))
    await bench.clock.advance(60_000)
    assert.equal(published.length, 256)
    republisher.add([fetched(1)])
    republisher.stop()
    await bench.clock.advance(2_000)
    assert.equal(published.length, 256)
  })
})
