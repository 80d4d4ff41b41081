import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Libp2pNetwork } from '../../../src/network/libp2p/libp2p-network.js'
import { KEPT_PEER_VALUE } from '../../../src/network/limits.js'
import { TOPIC, createFastClock, createTestNetwork } from '../../support/network-libp2p.js'
import { createProxy } from '../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import type { RawServices } from '../../support/network-raw-peer.js'
import { createRecorder, numbered } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

describe('network/libp2p/session', () => {
  let raw: Libp2p<RawServices>
  let other: Libp2p<RawServices>
  let network: Libp2pNetwork

  beforeEach(async () => {
    ;[raw, other] = [await createRawPeer(), await createRawPeer()]
  })

  afterEach(async () => {
    await network.stop()
    await raw.stop()
    await other.stop()
  })

  it('marks the peers of kept links as the last to be pruned, and takes the mark away', async () => {
    network = createTestNetwork({ libp2p: raw })
    await network.start(createRecorder().handlers)
    const value = async (): Promise<number | undefined> => {
      if (!(await raw.peerStore.has(other.peerId))) return undefined
      return (await raw.peerStore.get(other.peerId)).tags.get('hallig-kept')?.value
    }
    let seen: number | undefined
    const look = async (): Promise<void> => {
      seen = await value()
    }
    network.keep([{ id: 'other', addresses: [rawAddress(other)] }])
    await waitFor('the mark', () => (void look(), seen === KEPT_PEER_VALUE), 5_000)
    network.keep([])
    await waitFor('it to be gone', () => (void look(), seen === undefined), 5_000)
  })

  it('carries on over a new connection when the old one dies without a word', async () => {
    const proxy = await createProxy(rawAddress(other))
    network = createTestNetwork({ clock: createFastClock(10) })
    const recorder = createRecorder()
    network.join(TOPIC)
    other.services.pubsub.subscribe(TOPIC)
    await network.start(recorder.handlers)
    try {
      network.keep([{ id: 'other', addresses: [proxy.address, rawAddress(other)] }])
      await waitFor('the link', () => recorder.joins.length === 1, 5_000)
      proxy.freeze()
      // The other end moved, noticed it, and dials us.
      for (const connection of other.getConnections()) connection.abort(new Error('moved'))
      await other.dial(network.addresses().map((address) => multiaddr(address)))
      await waitFor('gossip to flow again', () => recorder.joins.length > 1, 15_000)
      const got = new Promise((resolve) => {
        other.services.pubsub.addEventListener('gossipsub:message', resolve, { once: true })
      })
      assert.equal((await network.publish(TOPIC, numbered(1))).recipients, 1)
      await got
    } finally {
      await proxy.close()
    }
  }).timeout(40_000)
})
