import assert from 'node:assert/strict'
import { addContact } from '../../../src/messenger/contacts/contacts.js'
import { BundleExchange } from '../../../src/messenger/contacts/exchange-bundles.js'
import { makeCard } from '../../../src/messenger/contacts/own-identity.js'
import {
  bundleRecordId,
  openBundleRecord,
  sealBundleRecord
} from '../../../src/protocol/prekeys/bundle-record.js'
import { decodeBundleResponse, encodeBundleRequest } from '../../../src/protocol/prekeys/bundle-request.js'
import { epochAt } from '../../../src/protocol/prekeys/bundle.js'
import { createBench, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'
import { seededRandom } from '../../support/store-random.js'

const random = seededRandom('exchange')

/** From now on, how many commits a node makes. */
function countCommits({ store }: BenchNode['context']): () => number {
  const commit = store.commit.bind(store)
  let count = 0
  Object.assign(store, {
    commit: (writes: Parameters<typeof commit>[0]) => {
      count++
      return commit(writes)
    }
  })
  return () => count
}

describe('messenger/exchange-bundles', () => {
  let bench: Bench
  let alice: BenchNode
  let exchange: BundleExchange

  beforeEach(async () => {
    bench = createBench()
    alice = await bench.open('alice')
    exchange = new BundleExchange(alice.context)
  })

  it('answers for itself to whoever knows its key, and nobody else', async () => {
    const { signing } = alice.context.own.record.identity
    const week = epochAt(bench.clock.now())
    const wanted = [bundleRecordId(signing.publicKey, week), random(32)]
    const answer = await exchange.answer(encodeBundleRequest({ wanted, offered: [] }), 'peer')
    const records = decodeBundleResponse(answer ?? new Uint8Array(0)) ?? []
    assert.equal(records.length, 1)
    const [record] = records
    assert.ok(record !== undefined)
    assert.deepEqual(
      openBundleRecord(record, signing.publicKey, week)?.encoded,
      alice.context.own.prekeys.bundle
    )
    assert.equal(openBundleRecord(record, random(32), week), undefined)
    const nothing = await exchange.answer(encodeBundleRequest({ wanted: [random(32)], offered: [] }), 'peer')
    assert.deepEqual(decodeBundleResponse(nothing ?? new Uint8Array(0)), [])
  })

  it('answers for itself also when what it is offered cannot be stored', async () => {
    const { signing } = alice.context.own.record.identity
    const wanted = [bundleRecordId(signing.publicKey, epochAt(bench.clock.now()))]
    Object.assign(alice.context.store, { commit: () => Promise.reject(new Error('full')) })
    const offered = [{ id: random(32), body: random(60) }]
    const answer = await exchange.answer(encodeBundleRequest({ wanted, offered }), 'peer')
    assert.equal(decodeBundleResponse(answer ?? new Uint8Array(0))?.length, 1)
    assert.ok(alice.warnings.some((warning) => warning.includes('full')))
  })

  it('keeps what it is offered and gives it to others, within a share for each peer', async () => {
    const offered = Array.from({ length: 200 }, () => ({ id: random(32), body: random(60) }))
    for (const record of offered)
      await exchange.answer(encodeBundleRequest({ wanted: [], offered: [record] }), 'greedy')
    const kept = []
    for (const { id } of offered) {
      const answer = await exchange.answer(encodeBundleRequest({ wanted: [id], offered: [] }), 'other')
      kept.push(...(decodeBundleResponse(answer ?? new Uint8Array(0)) ?? []))
    }
    assert.ok(kept.length > 0 && kept.length < 200, `${String(kept.length)} kept`)
    assert.deepEqual(kept[0], offered[0])
  })

  it('leaves one copy with a peer, however often their link ends and begins', async () => {
    const bob = await bench.open('bob')
    const week = epochAt(bench.clock.now())
    const mine = bundleRecordId(alice.context.own.record.identity.signing.publicKey, week)
    const atBob = new BundleExchange(bob.context)
    await bench.clock.advance(5_000)
    const writes = countCommits(bob.context)
    for (let times = 0; times < 5; times++) {
      bench.hub.partition([['alice'], ['bob']])
      await bench.clock.advance(20_000)
      assert.equal(alice.context.state.linked.size, 0)
      bench.hub.heal()
      await bench.clock.advance(20_000)
      assert.equal(alice.context.state.linked.size, 1)
    }
    assert.equal(writes(), 0)
    await atBob.load()
    const answer = await atBob.answer(encodeBundleRequest({ wanted: [mine], offered: [] }), 'carol')
    assert.equal(decodeBundleResponse(answer ?? new Uint8Array(0))?.length, 1)
  })

  it('does not answer what it cannot read', async () => {
    for (const bytes of [new Uint8Array(0), random(10), random(3_000)]) {
      assert.equal(await exchange.answer(bytes, 'peer'), undefined)
    }
  })

  it('asks again until a bundle is found, and takes none that is not of the contact', async () => {
    const bob = await bench.open('bob', { start: false })
    const { id } = await bench.run(addContact(alice.context, await bench.run(makeCard(bob.context))))
    const carol = await bench.open('carol', { start: false })
    // Carol plants a record of her own where Bob's would lie.
    const { signing } = bob.context.own.record.identity
    const week = epochAt(bench.clock.now())
    const planted = sealBundleRecord(signing.publicKey, week, carol.context.own.prekeys.bundle, random)
    await exchange.answer(encodeBundleRequest({ wanted: [], offered: [planted] }), 'carol')
    await bench.clock.advance(120_000)
    assert.equal(onlyState(alice.context).contact.bundle, undefined)
    await bench.run(bob.node.start())
    await bench.until(() => alice.context.queue.states.get(id)?.contact.bundle !== undefined, 120_000)
    assert.deepEqual(onlyState(alice.context).contact.bundle, bob.context.own.prekeys.bundle)
  })
})
