import assert from 'node:assert/strict'
import { hallig } from '../../benchmarks/ratchet/hallig.js'
import { forgeJumps } from '../../benchmarks/ratchet/jump.js'
import { contentOf, each, pace } from '../../benchmarks/ratchet/pace.js'
import { ratchet } from '../../benchmarks/ratchet/question.js'
import { bytesOf, type Pair, type Side } from '../../benchmarks/ratchet/subject.js'

/** A pair that encrypts nothing, notes who wrote, and gives back what `change` makes of it. */
function pairThat(change: (content: Uint8Array) => Uint8Array): {
  readonly pair: Pair
  readonly writers: Side[]
} {
  const writers: Side[] = []
  const encrypt = (from: Side, content: Uint8Array): Uint8Array => {
    writers.push(from)
    return content
  }
  const decrypt = (to: Side, message: Uint8Array | string): Uint8Array => {
    assert.notEqual(to, writers.at(-1))
    return change(bytesOf(message))
  }
  return { pair: { encrypt, decrypt }, writers }
}

describe('the benchmark of the ratchet', () => {
  it('lets one side write, or either in turn', async () => {
    const { pair, writers } = pairThat((content) => content)
    await pace(pair, false, 0)
    assert.ok(writers.length > 0 && writers.every((side) => side === 0))
    writers.length = 0
    await pace(pair, true, 0)
    assert.ok(writers.length > 1 && writers.every((side, index) => side === index % 2))
  })

  it('fails when a message does not come back', async () => {
    const { pair } = pairThat((content) => content.subarray(1))
    await assert.rejects(pace(pair, false, 0), /changed/)
  })

  it('calls a step at least once', () => {
    let calls = 0
    each(() => calls++, 0)
    assert.ok(calls > 0)
  })

  it('measures sessions that were begun by a hello and keep what they say', () => {
    const { ends } = hallig.makeStrangers().meet()
    for (const from of [0, 0, 1, 0, 1, 1] as const) {
      const [sender, receiver] = [ends[from], ends[from === 0 ? 1 : 0]]
      const records = [sender.record, receiver.record]
      assert.deepEqual(receiver.decrypt(sender.encrypt(contentOf(256))), contentOf(256))
      assert.notDeepEqual(sender.record, records[0], 'the state is serialised after each step')
      assert.notDeepEqual(receiver.record, records[1])
    }
  })

  it('forges envelopes that are recognised and rejected', () => {
    assert.ok(forgeJumps() > 0)
  })

  it('meets no target with what was not measured', () => {
    for (const { met } of ratchet.targets)
      assert.equal(
        met(() => NaN),
        false
      )
  })
})
