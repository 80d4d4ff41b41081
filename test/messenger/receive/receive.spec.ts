import assert from 'node:assert/strict'
import { receiveEnvelopes, refuse } from '../../../src/messenger/receive/receive.js'
import { sendMessage } from '../../../src/messenger/send/send-message.js'
import { envelopeId } from '../../../src/protocol/sync/item.js'
import { outlineEnvelope } from '../../../src/protocol/envelope/envelope.js'
import { createBench, friends, onlyState, type Bench, type BenchNode } from '../../support/messenger-bench.js'

describe('messenger/receive', () => {
  let bench: Bench
  let alice: BenchNode
  let bob: BenchNode
  let refused: string[]

  beforeEach(async () => {
    bench = createBench()
    ;[alice, bob] = await friends(bench)
    await bench.clock.advance(5_000)
    bench.hub.partition([['alice'], ['bob']])
    refused = []
    alice.context.events.addEventListener('envelope:reject', ({ detail }) => refused.push(detail.reason))
  })

  async function sealed(...texts: string[]): Promise<Uint8Array[]> {
    const from = bob.published.length
    for (const text of texts)
      await bench.run(sendMessage(bob.context, onlyState(bob.context).conversation.id, text))
    return bob.published.slice(from)
  }

  async function receive(...envelopes: readonly Uint8Array[]): Promise<void> {
    const matched = envelopes.flatMap((envelope) => {
      const outlined = outlineEnvelope(envelope, bench.clock.now())
      assert.ok(outlined.kind === 'outlined')
      const match = alice.context.tags.find(outlined.outline.tag)
      return match === undefined || match.kind === 'invited'
        ? []
        : [{ outline: outlined.outline, id: envelopeId(envelope), match }]
    })
    await bench.run(receiveEnvelopes(alice.context, onlyState(alice.context).contact.id, matched))
  }

  const unread = (): number => onlyState(alice.context).conversation.unread

  it('changes nothing for an envelope with any byte flipped, and takes the true one afterwards', async () => {
    const [envelope] = await sealed('true')
    assert.ok(envelope !== undefined)
    const before = onlyState(alice.context)
    for (let at = 0; at < envelope.length; at++) {
      // Version, lane and expiry are judged elsewhere; another tag is nobody's.
      if (at < 2 || (at >= 4 && at < 20)) continue
      const flipped = envelope.slice()
      flipped[at] = (flipped[at] ?? 0) ^ 1
      if (outlineEnvelope(flipped, bench.clock.now()).kind === 'outlined') await receive(flipped)
    }
    assert.equal(onlyState(alice.context), before)
    assert.ok(refused.length > 400)
    await receive(envelope)
    assert.equal(unread(), 2)
  })

  it('takes what comes in any order in one commit, and keeps no key that was used', async () => {
    const envelopes = await sealed('0', '1', '2', '3', '4', '5')
    await receive(...envelopes.toReversed())
    assert.equal(unread(), 7)
    for await (const [key] of alice.context.store.range({ gte: 'skipped/', lt: 'skipped0' })) assert.fail(key)
    assert.equal(onlyState(alice.context).sessions[0]?.skippedCount, 0)
  })

  it('opens late ones with the keys it kept, also with a garbled copy before them', async () => {
    const envelopes = await sealed('0', '1', '2')
    await receive(...envelopes.slice(2))
    assert.equal(onlyState(alice.context).sessions[0]?.skippedCount, 2)
    const garbled = envelopes[0]?.slice()
    assert.ok(garbled !== undefined)
    garbled[200] = (garbled[200] ?? 0) ^ 1
    await receive(garbled)
    assert.equal(onlyState(alice.context).sessions[0]?.skippedCount, 2)
    await receive(...envelopes.slice(0, 2))
    assert.deepEqual([unread(), onlyState(alice.context).sessions[0]?.skippedCount], [4, 0])
    await receive(...envelopes)
    assert.equal(unread(), 4)
  })

  it('leaves the envelopes of somebody blocked as they are', async () => {
    const envelopes = await sealed('0')
    const { id } = onlyState(alice.context).contact
    const block = async (blocked: boolean): Promise<void> => {
      await bench.run(
        alice.context.queue.run(id, (unit) => {
          if (unit.state !== undefined)
            unit.state = { ...unit.state, contact: { ...unit.state.contact, blocked } }
        })
      )
    }
    await block(true)
    await receive(...envelopes)
    assert.deepEqual([unread(), refused], [1, ['blocked']])
    await block(false)
    await receive(...envelopes)
    assert.equal(unread(), 2)
  })

  it('says why it refuses', () => {
    assert.equal(refuse(alice.context, 'for a test'), false)
    assert.deepEqual(refused, ['for a test'])
  })
})
