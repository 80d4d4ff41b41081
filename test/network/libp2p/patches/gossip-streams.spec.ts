import assert from 'node:assert/strict'
import { gossipsub } from '@libp2p/gossipsub'
import type { Libp2p } from '@libp2p/interface'
import { withPromptStreams } from '../../../../src/network/libp2p/patches/gossip-streams.js'
import { TOPIC } from '../../../support/network-libp2p.js'
import { createRawPeer, type RawServices } from '../../../support/network-raw-peer.js'
import { waitFor } from '../../../support/network-wait.js'

const prompt: typeof gossipsub = (settings) => withPromptStreams(gossipsub(settings))

/** gossipsub that speaks these versions of its protocol alone. */
function speaking(...protocols: string[]): typeof gossipsub {
  return (settings) => (components) => Object.assign(gossipsub(settings)(components), { protocols })
}

describe('network/libp2p/patches/gossip-streams', () => {
  let peers: Libp2p<RawServices>[]

  beforeEach(() => {
    peers = []
  })
  afterEach(async () => {
    for (const peer of peers) await peer.stop()
  })

  /** What a node offers for its stream of gossip to another, which it dials or is dialled by, once both hear each other. */
  async function offered(
    own: typeof gossipsub,
    others: typeof gossipsub,
    isDialled = false
  ): Promise<readonly unknown[]> {
    const [alice, bob] = [await createRawPeer({}, [], {}, own), await createRawPeer({}, [], {}, others)]
    peers.push(alice, bob)
    for (const { services } of peers) services.pubsub.subscribe(TOPIC)
    const offers: unknown[] = []
    alice.addEventListener('connection:open', ({ detail: connection }) => {
      const open = connection.newStream.bind(connection)
      connection.newStream = async (protocols, options) => {
        if (JSON.stringify(protocols).includes('meshsub')) offers.push(protocols)
        return open(protocols, options)
      }
    })
    await (isDialled ? bob.dial(alice.getMultiaddrs()) : alice.dial(bob.getMultiaddrs()))
    for (const { services } of peers)
      await waitFor('both to hear each other', () => services.pubsub.getSubscribers(TOPIC).length > 0, 5_000)
    return offers
  }

  it('are offered for the best version that the peer speaks, and no other', async () => {
    assert.deepEqual(await offered(prompt, gossipsub), ['/meshsub/1.2.0'])
    assert.deepEqual(await offered(prompt, prompt, true), ['/meshsub/1.2.0'])
  })

  it('are offered for an earlier version where the peer speaks no better', async () => {
    const earlier = speaking('/meshsub/1.1.0', '/meshsub/1.0.0')
    assert.deepEqual(await offered(prompt, earlier), ['/meshsub/1.1.0'])
    assert.deepEqual(await offered(prompt, earlier, true), ['/meshsub/1.1.0'])
  })

  it('would be offered for every version, and wait for the answer', async () => {
    assert.deepEqual(await offered(gossipsub, gossipsub), [
      ['/meshsub/1.2.0', '/meshsub/1.1.0', '/meshsub/1.0.0']
    ])
  })
})
