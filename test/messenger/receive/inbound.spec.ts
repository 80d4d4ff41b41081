import assert from 'node:assert/strict'
import { encodeParcel } from '../../../src/codec/parcel.js'
import { Inbound } from '../../../src/messenger/receive/inbound.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { encodePrefix, expiryDay, LANE_TAGGED } from '../../../src/protocol/envelope/envelope.js'
import { DAY_MS, MAX_INBOUND_QUEUE_BYTES } from '../../../src/protocol/limits.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'
import { seededRandom } from '../../support/store-random.js'

const random = seededRandom('inbound')

describe('messenger/inbound', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let refused: string[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
    refused = []
    alice.context.events.addEventListener('envelope:reject', ({ detail }) => refused.push(detail.reason))
  })

  /** An envelope for nobody here. */
  function foreign(size = 512): Uint8Array {
    const envelope = new Uint8Array(size)
    envelope.set(encodePrefix(LANE_TAGGED, expiryDay(bench.clock.now(), DAY_MS), random(16)))
    envelope.set(random(16), 40)
    return envelope
  }

  it('drops what goes beyond its bound, and takes in more when it has worked it off', async () => {
    const inbound = new Inbound(alice.context)
    const size = 32_768
    const count = MAX_INBOUND_QUEUE_BYTES / size + 10
    // In one turn, so that nothing is worked off in between.
    for (let n = 0; n < count; n++) inbound.receive(encodeParcel([foreign(size)], random(8)), 'bob')
    assert.deepEqual([...new Set(refused)], ['overloaded'])
    assert.ok(refused.length >= 9)
    await inbound.idle()
    refused = []
    inbound.receive(encodeParcel([foreign()], random(8)), 'bob')
    await inbound.idle()
    assert.deepEqual(refused, [])
  })

  it('keeps nothing of the parcel an envelope came in', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
    const parcel = encodeParcel([bob.published.at(-1) ?? foreign()], random(8))
    inbound.receive(parcel, 'bob')
    parcel.fill(0)
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 2)
  })

  it('takes one message once, however often and in whatever company it comes', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    const id = onlyState(bob.context).conversation.id
    const from = bob.published.length
    for (const text of ['one', 'two', 'three']) await bench.run(sendMessage(bob.context, id, text))
    const envelopes = bob.published.slice(from)
    const both = [...envelopes, foreign(), ...envelopes.toReversed()]
    for (let n = 0; n < 3; n++) inbound.receive(encodeParcel(both, random(8)), 'bob')
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 4)
  })

  it('goes on after the store has failed', async () => {
    const inbound = new Inbound(alice.context)
    bench.hub.partition([['alice'], ['bob']])
    await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, 'hello'))
    const parcel = encodeParcel([bob.published.at(-1) ?? foreign()], random(8))
    const { store } = alice.context
    const commit = store.commit.bind(store)
    store.commit = () => Promise.reject(new Error('no disk'))
    inbound.receive(parcel, 'bob')
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 1)
    assert.ok(alice.warnings.some((warning) => warning.includes('no disk')))
    store.commit = commit
    inbound.receive(parcel, 'bob')
    await inbound.idle()
    assert.equal(onlyState(alice.context).conversation.unread, 2)
  })
})
