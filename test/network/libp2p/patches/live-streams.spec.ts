import assert from 'node:assert/strict'
import { gossipsub } from '@libp2p/gossipsub'
import type { Connection, Libp2p } from '@libp2p/interface'
import { withLiveStreams } from '../../../../src/network/libp2p/patches/live-streams.js'
import { TOPIC, realClock } from '../../../support/network-libp2p.js'
import { answers } from '../../../../src/network/libp2p/liveness.js'
import { createRawPeer, type RawServices } from '../../../support/network-raw-peer.js'
import { waitFor } from '../../../support/network-wait.js'

/** Have the first stream of gossip that a node opens be over when it is handed over; resolves with how many it opens. */
function breakFirstStream(node: Libp2p<RawServices>): { opened: number } {
  const count = { opened: 0 }
  node.addEventListener('connection:open', ({ detail: connection }) => {
    const open = connection.newStream.bind(connection)
    connection.newStream = async (protocols, options) => {
      const stream = await open(protocols, options)
      if (!node.services.pubsub.protocols.includes(stream.protocol)) return stream
      if (count.opened++ === 0) stream.abort(new Error('The connection ended'))
      return stream
    }
  })
  return count
}

describe('network/libp2p/patches/live-streams', () => {
  let peers: Libp2p<RawServices>[]

  beforeEach(() => {
    peers = []
  })
  afterEach(async () => {
    for (const peer of peers) await peer.stop()
  })

  /** alice, the first of whose streams is over when she gets it, has dialled bob, and hears him. */
  async function dial(createGossip: typeof gossipsub): Promise<{
    readonly alice: Libp2p<RawServices>
    readonly bob: Libp2p<RawServices>
    readonly connection: Connection
    readonly count: { readonly opened: number }
  }> {
    const [alice, bob] = [await createRawPeer({}, [], {}, createGossip), await createRawPeer()]
    peers.push(alice, bob)
    for (const peer of peers) peer.services.pubsub.subscribe(TOPIC)
    const count = breakFirstStream(alice)
    const connection = await alice.dial(bob.getMultiaddrs())
    await waitFor('alice to hear bob', () => alice.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
    return { alice, bob, connection, count }
  }

  it('opens another stream after one that was over when it came', async () => {
    const { bob } = await dial((settings) => withLiveStreams(gossipsub(settings)))
    await waitFor('bob to hear alice', () => bob.services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
  })

  it('is needed as long as gossipsub takes that one for open', async () => {
    const { bob, connection, count } = await dial(gossipsub)
    // Longer than it takes to open a stream.
    for (let n = 0; n < 10; n += 1) assert.ok(await answers(connection, realClock))
    assert.equal(count.opened, 1)
    assert.equal(bob.services.pubsub.getSubscribers(TOPIC).length, 0)
  })
})
