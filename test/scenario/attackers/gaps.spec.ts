import assert from 'node:assert/strict'
import { sealDirect } from '../../../src/protocol/envelope/direct.js'
import { expiryDay } from '../../../src/protocol/envelope/envelope.js'
import {
  DAY_MS,
  MAX_SKIPPED_PER_CONTACT,
  MAX_SKIPPED_PER_SESSION,
  MAX_TAG_WINDOW,
  NEXT_TAG_WINDOW
} from '../../../src/protocol/limits.js'
import { encodePayload } from '../../../src/protocol/message/payload.js'
import { prepareMessage } from '../../../src/protocol/ratchet/encrypt.js'
import type { Session } from '../../../src/protocol/ratchet/session.js'
import { keysUnder } from '../../../src/storage/records/tables.js'
import { createBench, friends, onlyState } from '../../support/messenger-bench.js'
import { countOf } from '../../support/messenger-count.js'

const ENVELOPES = 24

describe('a contact that leaves the largest gaps allowed, again and again', function () {
  this.timeout(120_000)

  it('makes us keep no more than the bounds, and each envelope costs what one jump costs', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    const { context } = bob
    const { tables, store, tags } = context
    await bench.clock.advance(60_000)
    let session: Session | undefined = onlyState(alice.context).sessions[0]
    assert.ok(session !== undefined)
    await bench.run(alice.node.close())
    const handlers = bench.hub.createNetwork('mallory')
    handlers.join(context.topic)
    await bench.run(
      handlers.start({
        inspect: () => 'ignore',
        onParcel: () => undefined,
        onPeers: () => undefined,
        onJoin: () => undefined,
        onRequest: () => Promise.resolve(undefined),
        onStream: () => undefined
      })
    )
    await bench.clock.advance(1_000)
    const skipped = tables.skippedOf(onlyState(context).contact.id)
    const sizeBefore = tags.size
    const heapBefore = process.memoryUsage().heapUsed
    let [jumped, took, most] = [0, 0, 0]
    for (let n = 0; n < ENVELOPES; n++) {
      // As far as it is recognised: the beginning of a new chain, then a window that grows.
      const theirs = onlyState(context).sessions.at(-1)?.receiving
      const isNew: boolean = session.sending === undefined
      const end = isNew || theirs === undefined ? NEXT_TAG_WINDOW : theirs.next + theirs.window
      const next: number = session.sending?.next ?? 0
      // What a crowded session keeps and this jump together fill it.
      for (let at = next; at < Math.min(end - 1, next + MAX_SKIPPED_PER_SESSION / 2); at++, jumped++) {
        session = prepareMessage(session, context.random).session
      }
      const sealed = sealDirect(
        session,
        encodePayload([], []),
        expiryDay(bench.clock.now(), DAY_MS),
        context.random
      )
      assert.ok(sealed.kind === 'sealed')
      session = sealed.session
      const began = process.cpuUsage()
      // A second time: the first may have found too many keys, and made room.
      for (let time = 0; time < 2; time++) {
        await bench.run(handlers.publish(context.topic, sealed.envelope))
        await bench.clock.advance(500)
      }
      const { user, system } = process.cpuUsage(began)
      took += user + system
      most = Math.max(most, user + system)
      assert.ok((await countOf(store.range(keysUnder(skipped)))) <= MAX_SKIPPED_PER_CONTACT)
    }
    const kept = await countOf(store.range(keysUnder(skipped)))
    const heap = process.memoryUsage().heapUsed - heapBefore
    console.log(
      `      ${String(jumped)} passed over by ${String(ENVELOPES)} envelopes: ${(took / ENVELOPES / 1000).toFixed(1)} ms of processor time each, ` +
        `${(most / 1000).toFixed(1)} at most; ${String(kept)} keys kept, ${(heap / 1e6).toFixed(1)} MB of heap`
    )
    assert.ok(jumped > 4 * MAX_TAG_WINDOW, String(jumped))
    assert.ok(kept <= MAX_SKIPPED_PER_CONTACT)
    assert.ok(tags.size - sizeBefore <= MAX_SKIPPED_PER_CONTACT + MAX_TAG_WINDOW, String(tags.size))
    assert.equal(onlyState(context).sessions.length, 1)
  })
})
