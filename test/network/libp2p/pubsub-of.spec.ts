import assert from 'node:assert/strict'
import type { GossipsubOpts } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'
import { pubsubOf } from '../../../src/network/libp2p/pubsub-of.js'
import { TOPIC } from '../../support/network-libp2p.js'
import { createRawPeer, type RawServices } from '../../support/network-raw-peer.js'

describe('network/libp2p/pubsub-of', () => {
  let node: Libp2p<RawServices>

  afterEach(async () => {
    await node.stop()
  })

  async function refused(gossip: Partial<GossipsubOpts>, message: RegExp): Promise<void> {
    node = await createRawPeer(gossip)
    assert.throws(() => pubsubOf(node, [TOPIC]), { code: 'OPTIONS_INVALID', message })
  }

  it('is the gossipsub of a node of which ours can be one', async () => {
    node = await createRawPeer({ allowedTopics: [TOPIC] })
    assert.equal(pubsubOf(node, [TOPIC]), node.services.pubsub)
  })

  it('is refused where it signs, which would name the author', async () => {
    await refused({ globalSignaturePolicy: 'StrictSign' }, /StrictNoSign/)
  })

  it('is refused where it passes over the topics of this network', async () => {
    await refused({ allowedTopics: ['another'] }, /allows no topic .* gossipsubOptions\(\)/)
  })

  it('is refused where its node has none, or does not run', async () => {
    node = await createRawPeer()
    const without = Object.create(node, { services: { value: {} } }) as Libp2p
    assert.throws(() => pubsubOf(without, [TOPIC]), { code: 'OPTIONS_INVALID', message: /needs gossipsub/ })
    await node.stop()
    assert.throws(() => pubsubOf(node, [TOPIC]), { code: 'OPTIONS_INVALID', message: /call its start\(\)/ })
  })
})
