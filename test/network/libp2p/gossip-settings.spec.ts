import assert from 'node:assert/strict'
import { createTopicScoreParams } from '@libp2p/gossipsub/score'
import { gossipSettings } from '../../../src/network/libp2p/gossip-settings.js'
import { MAX_INBOUND_GOSSIP_STREAMS } from '../../../src/network/limits.js'
import { TOPIC, sha256 } from '../../support/network-libp2p.js'

describe('network/libp2p/gossip-settings', () => {
  const settings = gossipSettings([TOPIC], sha256)

  it('name nobody: no signature, and an id that is the hash of the bytes', () => {
    const data = Uint8Array.of(1, 2, 3)
    assert.equal(settings.globalSignaturePolicy, 'StrictNoSign')
    assert.deepEqual(settings.msgIdFn?.({ type: 'unsigned', topic: TOPIC, data }), sha256(data))
  })

  it('do not punish many peers behind one address, or a quiet topic', () => {
    const topic = settings.scoreParams?.topics?.[TOPIC]
    assert.ok(topic !== undefined)
    assert.equal(settings.scoreParams?.IPColocationFactorWeight, 0)
    assert.deepEqual([topic.meshMessageDeliveriesWeight, topic.meshFailurePenaltyWeight], [0, 0])
    assert.ok(topic.invalidMessageDeliveriesWeight < 0)
  })

  it('score a topic as gossipsub does in all else', () => {
    const topic = createTopicScoreParams({
      invalidMessageDeliveriesWeight: -10,
      invalidMessageDeliveriesDecay: 0.9,
      meshMessageDeliveriesWeight: 0,
      meshFailurePenaltyWeight: 0
    })
    assert.deepEqual(settings.scoreParams?.topics?.[TOPIC], topic)
  })

  it('let copies of small envelopes come rather than tell every peer that they need not', () => {
    const least = settings.idontwantMinDataSize ?? 0
    assert.ok(least > 1_024 && least <= 32 * 1_024, 'of the largest it is worth telling')
  })

  it('let a peer have a stream and one that replaces it, not as many as libp2p would', () => {
    assert.equal(settings.maxInboundStreams, MAX_INBOUND_GOSSIP_STREAMS)
  })

  it('flow over links that a relay bounds', () => {
    assert.equal(settings.runOnLimitedConnection, true)
  })

  it('bound the topics there can be', () => {
    assert.deepEqual(settings.allowedTopics, [TOPIC])
  })
})
