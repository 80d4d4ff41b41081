import assert from 'node:assert/strict'
import fc from 'fast-check'
import { HELD_PROTOCOL, HeldNotices } from '../../../src/messenger/carry/held-notices.js'
import type { Item } from '../../../src/protocol/sync/item.js'
import { createBench, friends, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/held-notices', () => {
  let bench: Bench
  let alice: BenchNode
  let asked: [string, string, number][]

  beforeEach(async () => {
    bench = createBench()
    ;[alice] = await friends(bench)
    await bench.clock.advance(20_000)
    asked = []
    alice.context.mailbox.bytesOf = () => 512
    alice.context.network.request = (peer, protocol, request) => {
      if (protocol === HELD_PROTOCOL) asked.push([peer, protocol, request.length])
      return Promise.reject(new Error('I do not speak that'))
    }
  })

  const id = (first: number): Uint8Array => new Uint8Array(32).fill(first)
  const item = (first: number): Item => ({ day: 20_000, id: id(first) })

  it('tells a peer of all that came from it within a moment at once', async () => {
    const notices = new HeldNotices(alice.context)
    for (const first of [1, 2, 3]) notices.note('bob', item(first))
    await bench.clock.advance(1_000)
    assert.deepEqual(asked, [['bob', HELD_PROTOCOL, 1 + 3 * 8]])
  })

  it('says it again half a minute later to a peer that took no notice, with what has come meanwhile', async () => {
    const notices = new HeldNotices(alice.context)
    notices.note('bob', item(1))
    await bench.clock.advance(1_000)
    notices.note('bob', item(2))
    notices.note('carol', item(3))
    await bench.clock.advance(1_000)
    assert.deepEqual(asked.splice(0), [
      ['bob', HELD_PROTOCOL, 1 + 8],
      ['carol', HELD_PROTOCOL, 1 + 8]
    ])
    alice.context.network.request = (peer, protocol, request) => {
      if (protocol === HELD_PROTOCOL) asked.push([peer, protocol, request.length])
      return Promise.resolve(Uint8Array.of(1))
    }
    await bench.clock.advance(40_000)
    assert.deepEqual(asked.splice(0), [['bob', HELD_PROTOCOL, 1 + 2 * 8]])
    await bench.clock.advance(40_000)
    assert.deepEqual(asked, [])
  })

  it('keeps a bounded number of ids for a peer that took no notice, and nothing once it is stopped', async () => {
    const notices = new HeldNotices(alice.context)
    notices.note('bob', item(1))
    await bench.clock.advance(1_000)
    for (let count = 0; count < 1_000; count++) notices.note('bob', item(2))
    await bench.clock.advance(31_000)
    assert.deepEqual(asked.splice(0), [
      ['bob', HELD_PROTOCOL, 1 + 8],
      ['bob', HELD_PROTOCOL, 1 + 256 * 8]
    ])
    notices.stop()
    await bench.clock.advance(60_000)
    assert.deepEqual(asked, [])
    await bench.run(alice.node.stop())
    const { pending } = bench.clock
    // What came just before is still being stored.
    notices.note('bob', item(3))
    assert.equal(bench.clock.pending, pending)
  })

  it('leaves a peer alone that takes no notices, until it comes anew', async () => {
    const notices = new HeldNotices(alice.context)
    notices.note('bob', item(1))
    await bench.clock.advance(1_000)
    notices.note('bob', item(2))
    await bench.clock.advance(1_000)
    assert.equal(asked.length, 1)
    alice.context.state.linked = new Set()
    notices.onPeers()
    notices.note('bob', item(3))
    await bench.clock.advance(1_000)
    assert.equal(asked.length, 2)
  })

  it('says nothing of what could not be stored', async () => {
    const notices = new HeldNotices(alice.context)
    alice.context.mailbox.flush = () => Promise.reject(new Error('no disk'))
    notices.note('bob', item(1))
    await bench.clock.advance(1_000)
    assert.deepEqual(asked, [])
  })

  it('says nothing of what made room again before it could be told', async () => {
    const notices = new HeldNotices(alice.context)
    alice.context.mailbox.bytesOf = ({ id: [first = 0] }) => (first === 1 ? 512 : 0)
    for (const first of [1, 2]) notices.note('bob', item(first))
    await bench.clock.advance(1_000)
    notices.note('carol', item(2))
    await bench.clock.advance(1_000)
    assert.deepEqual(asked, [['bob', HELD_PROTOCOL, 1 + 8]])
  })

  it('takes well-formed notices, and answers nothing else', () => {
    const notices = new HeldNotices(alice.context)
    assert.deepEqual(notices.answer(Uint8Array.of(1, ...id(1).subarray(0, 16)), 'bob'), Uint8Array.of(1))
    assert.equal(notices.answer(Uint8Array.of(2), 'bob'), undefined)
    assert.equal(notices.answer(Uint8Array.of(1, 1, 2, 3), 'bob'), undefined)
    assert.equal(notices.answer(new Uint8Array(1 + 8 * 4_097).fill(1), 'bob'), undefined)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        notices.answer(bytes, 'mallory')
      })
    )
  })
})
