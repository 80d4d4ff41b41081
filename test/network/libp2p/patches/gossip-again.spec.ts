import assert from 'node:assert/strict'
import { gossipsub } from '@libp2p/gossipsub'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { greetAgain, withSecondGreetings } from '../../../../src/network/libp2p/patches/gossip-again.js'
import { answers } from '../../../../src/network/libp2p/liveness.js'
import { realClock, TOPIC } from '../../../support/network-libp2p.js'
import { createProxy } from '../../../support/network-proxy.js'
import { createRawPeer, rawAddress, type RawServices } from '../../../support/network-raw-peer.js'
import { waitFor } from '../../../support/network-wait.js'

type Peer = Libp2p<RawServices>

const again: typeof gossipsub = (settings) => withSecondGreetings(gossipsub(settings))

describe('network/libp2p/patches/gossip-again', function () {
  this.timeout(30_000)
  let peers: Peer[]
  let proxy: Awaited<ReturnType<typeof createProxy>> | undefined

  beforeEach(() => {
    ;[peers, proxy] = [[], undefined]
  })
  afterEach(async () => {
    for (const peer of peers) await peer.stop()
    await proxy?.close()
  })

  /** Gossip streams of a connection, either way. */
  const streams = (connection: Connection | undefined): number =>
    connection?.streams.filter(({ protocol, status }) => protocol.startsWith('/meshsub') && status === 'open')
      .length ?? 0

  /** Two who are linked twice, and then once: without the connection over which their gossip ran. */
  async function leftWithSecond(createGossip: typeof gossipsub): Promise<{
    readonly alice: Peer
    readonly bob: Peer
    readonly second: Connection
  }> {
    const [alice, bob] = [
      await createRawPeer({}, [], {}, createGossip),
      await createRawPeer({}, [], {}, createGossip)
    ]
    peers.push(alice, bob)
    for (const { services } of peers) services.pubsub.subscribe(TOPIC)
    const first = await alice.dial(multiaddr(rawAddress(bob)))
    await waitFor('gossip', () => streams(first) === 2, 5_000)
    const identified: string[] = []
    for (const peer of peers)
      peer.addEventListener('peer:identify', ({ detail }) => identified.push(detail.connection.id))
    proxy = await createProxy(rawAddress(bob))
    const second = await alice.dial(multiaddr(proxy.address), { force: true })
    const others = (): Connection | undefined =>
      bob.getConnections().find(({ id }) => identified.includes(id))
    await waitFor(
      'both to know each other',
      () => identified.includes(second.id) && others() !== undefined,
      5_000
    )
    await first.close()
    await waitFor('the first to be closed', () => bob.getConnections().length === 1, 5_000)
    return { alice, bob, second }
  }

  it('goes on over another connection when it is told of that', async () => {
    const { alice, bob, second } = await leftWithSecond(again)
    for (const peer of [alice, bob]) {
      const [connection] = peer.getConnections()
      assert.ok(connection !== undefined && greetAgain(peer.services.pubsub, connection))
    }
    await waitFor('gossip over the second', () => streams(second) === 2, 5_000)
    const heard: string[] = []
    bob.services.pubsub.addEventListener('gossipsub:message', ({ detail: { msg } }) =>
      heard.push(Buffer.from(msg.data).toString())
    )
    await waitFor(
      'both to hear each other',
      () => peers.every(({ services }) => services.pubsub.getSubscribers(TOPIC).length > 0),
      5_000
    )
    await alice.services.pubsub.publish(TOPIC, Buffer.from('still there'))
    await waitFor('a message', () => heard.includes('still there'), 5_000)
  })

  it('opens no second stream to a peer that it has one to', async () => {
    const { alice, bob, second } = await leftWithSecond(again)
    const greet = (peer: Peer): void => {
      const [connection] = peer.getConnections()
      if (connection !== undefined) greetAgain(peer.services.pubsub, connection)
    }
    greet(alice)
    greet(bob)
    await waitFor('gossip over the second', () => streams(second) === 2, 5_000)
    greet(alice)
    assert.ok(await answers(second, realClock))
    assert.equal(streams(second), 2)
  })

  it('would not, without being told', async () => {
    const { alice, second } = await leftWithSecond(gossipsub)
    assert.equal(greetAgain(alice.services.pubsub, second), false)
    // Longer than it takes to open a stream.
    for (let n = 0; n < 10; n += 1) assert.ok(await answers(second, realClock))
    assert.equal(streams(second), 0)
  })
})
