import assert from 'node:assert/strict'
import { gossipsub } from '@libp2p/gossipsub'
import { stop } from '@libp2p/interface'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createGatekeeper } from '../../../src/network/libp2p/gatekeeper.js'
import { Handshakes } from '../../../src/network/libp2p/handshakes.js'
import { Gossip } from '../../../src/network/libp2p/gossip.js'
import { withSecondGreetings } from '../../../src/network/libp2p/patches/gossip-again.js'
import { Guard } from '../../../src/network/libp2p/guard.js'
import { answers } from '../../../src/network/libp2p/liveness.js'
import { MAX_OFFENCES } from '../../../src/network/limits.js'
import { TOPIC, createFastClock } from '../../support/network-libp2p.js'
import { createProxy } from '../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import type { RawServices } from '../../support/network-raw-peer.js'
import { createRecorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const SPEED = 10

const again: typeof gossipsub = (settings) => withSecondGreetings(gossipsub(settings))

describe('network/libp2p/guard', () => {
  let alice: Libp2p<RawServices>
  let bob: Libp2p<RawServices>
  let gossip: Gossip
  let guard: Guard
  let denied: (peer: string) => boolean
  /** By which the clock is wrong, ms. */
  let shift: number

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
    const fast = createFastClock(SPEED)
    const clock = { ...fast, now: () => fast.now() + shift }
    shift = 0
    const { pubsub } = alice.services
    const gatekeeper = createGatekeeper(clock, new Handshakes())
    denied = gatekeeper.isDenied
    const { handlers } = createRecorder()
    gossip = new Gossip({ node: alice, pubsub, handlers, clock, onOffence: () => undefined })
    const onResume = (): void => undefined
    guard = new Guard({ node: alice, pubsub, gossip, gatekeeper, clock, logger: undefined, onResume })
    gossip.begin([TOPIC])
    guard.begin()
    bob.services.pubsub.subscribe(TOPIC)
  })

  afterEach(async () => {
    guard.stop()
    gossip.stop()
    await alice.stop()
    await bob.stop()
  })

  const carriesGossip = (connection: Connection): boolean =>
    (['inbound', 'outbound'] as const).every(
      (direction) => gossip.streamsOf(connection, direction).length > 0
    )

  it('leaves a link in peace that works', async () => {
    const connection = await alice.dial(multiaddr(rawAddress(bob)))
    await waitFor('gossip', () => carriesGossip(connection), 5_000)
    await new Promise((resolve) => setTimeout(resolve, 40_000 / SPEED))
    assert.equal(connection.status, 'open')
  }).timeout(10_000)

  it('knows how long a round trip takes once the peer has said who it is', async () => {
    const proxy = await createProxy(rawAddress(bob), { latencyMs: 100 })
    try {
      const connection = await alice.dial(multiaddr(proxy.address))
      await waitFor('the round trip', () => connection.rtt !== undefined, 5_000)
      // Timers are now and then a little early.
      assert.ok((connection.rtt ?? 0) > 190 * SPEED)
    } finally {
      await proxy.close()
    }
  })

  it('leaves a peer in peace that does not speak gossip', async () => {
    await stop(bob.services.pubsub)
    const connection = await alice.dial(multiaddr(rawAddress(bob)))
    await new Promise((resolve) => setTimeout(resolve, 40_000 / SPEED))
    assert.equal(connection.status, 'open')
  }).timeout(10_000)

  it('leaves such a peer its other connection when one closes', async () => {
    await stop(bob.services.pubsub)
    const first = await alice.dial(multiaddr(rawAddress(bob)))
    const second = await alice.dial(multiaddr(rawAddress(bob)), { force: true })
    assert.notEqual(first.id, second.id)
    await first.close()
    await new Promise((resolve) => setTimeout(resolve, 5_000 / SPEED))
    assert.equal(second.status, 'open')
  })

  it('leaves no peer with connections alone when the one that carried gossip has closed', async () => {
    const [first, proxy] = [await alice.dial(multiaddr(rawAddress(bob))), await createProxy(rawAddress(bob))]
    try {
      await waitFor('gossip', () => carriesGossip(first), 5_000)
      const identified: string[] = []
      alice.addEventListener('peer:identify', ({ detail }) => identified.push(detail.connection.id))
      const second = await alice.dial(multiaddr(proxy.address), { force: true })
      assert.notEqual(first.id, second.id)
      // Identified only after the first has closed, the second would carry gossip itself.
      await waitFor('the second to be identified', () => identified.includes(second.id), 5_000)
      await first.close()
      // The other end may be the one to identify it last: then it opens gossip over the second, and that is as good.
      await waitFor(
        'the second to close or to carry gossip',
        () => second.status !== 'open' || carriesGossip(second),
        5_000
      )
    } finally {
      await proxy.close()
    }
  })

  it('goes on with gossip over another connection when one through a relay that carried it has closed', async () => {
    const both = [await createRawPeer({}, [], {}, again), await createRawPeer({}, [], {}, again)] as const
    const clock = createFastClock(SPEED)
    const guards = both.map((node) => {
      const { pubsub } = node.services
      const own = new Gossip({
        node,
        pubsub,
        handlers: createRecorder().handlers,
        clock,
        onOffence: () => undefined
      })
      own.begin([TOPIC])
      const gatekeeper = createGatekeeper(clock, new Handshakes())
      const onResume = (): void => undefined
      const each = new Guard({ node, pubsub, gossip: own, gatekeeper, clock, logger: undefined, onResume })
      each.begin()
      return each
    })
    const [one, other] = both
    const proxy = await createProxy(rawAddress(other))
    try {
      const first = await one.dial(multiaddr(rawAddress(other)))
      await waitFor('gossip', () => carriesGossip(first), 5_000)
      const second = await one.dial(multiaddr(proxy.address), { force: true })
      for (const connection of [first, ...other.getConnections(one.peerId)].slice(0, 2))
        Object.assign(connection, { remoteAddr: multiaddr(`${rawAddress(other)}/p2p-circuit`) })
      await first.close()
      await waitFor('gossip over the second', () => carriesGossip(second), 5_000)
      assert.equal(second.status, 'open')
    } finally {
      for (const each of guards) each.stop()
      for (const node of both) await node.stop()
      await proxy.close()
    }
  })

  it('keeps the connection that carries gossip when another closes', async () => {
    const [first, proxy] = [await alice.dial(multiaddr(rawAddress(bob))), await createProxy(rawAddress(bob))]
    try {
      await waitFor('gossip', () => carriesGossip(first), 5_000)
      const second = await alice.dial(multiaddr(proxy.address), { force: true })
      await second.close()
      await new Promise((resolve) => setTimeout(resolve, 5_000 / SPEED))
      assert.equal(first.status, 'open')
    } finally {
      await proxy.close()
    }
  })

  it('keeps the connection over which gossip only begins when another closes', async () => {
    const proxy = await createProxy(rawAddress(bob), { latencyMs: 300 })
    try {
      const first = await alice.dial(multiaddr(proxy.address))
      await waitFor('who is there', () => first.rtt !== undefined, 10_000)
      const second = await alice.dial(multiaddr(rawAddress(bob)), { force: true })
      await second.close()
      await waitFor('gossip', () => carriesGossip(first) || first.status !== 'open', 10_000)
      assert.equal(first.status, 'open')
    } finally {
      await proxy.close()
    }
  })

  it('finds out that the old connection is dead when a peer connects anew', async () => {
    const proxy = await createProxy(rawAddress(bob))
    try {
      const old = await alice.dial(multiaddr(proxy.address))
      await waitFor('gossip', () => carriesGossip(old), 5_000)
      proxy.freeze()
      // What was under way may still come, and answers for it.
      await waitFor('silence', async () => !(await answers(old, createFastClock(SPEED))), 20_000)
      assert.equal(old.status, 'open')
      await bob.dial(multiaddr(rawAddress(alice)), { force: true })
      await waitFor('the old one to close', () => old.status !== 'open', 5_000)
    } finally {
      await proxy.close()
    }
  })

  it('closes a link that is mute as late as ever when the clock is set back meanwhile', async () => {
    const connection = await alice.dial(multiaddr(rawAddress(bob)))
    await waitFor('gossip', () => carriesGossip(connection), 5_000)
    for (const stream of gossip.streamsOf(connection, 'outbound')) stream.abort(new Error('mute'))
    await new Promise((resolve) => setTimeout(resolve, 10_000 / SPEED))
    assert.equal(connection.status, 'open')
    shift = -86_400_000
    await waitFor('the link to close', () => connection.status !== 'open', 8_000)
  }).timeout(20_000)

  it('expels a peer at its last offence', async () => {
    const connection = await alice.dial(multiaddr(rawAddress(bob)))
    const name = bob.peerId.toString()
    for (let n = 1; n < MAX_OFFENCES; n += 1) guard.offence(name)
    assert.deepEqual([connection.status, denied(name)], ['open', false])
    guard.offence(name)
    assert.deepEqual([connection.status === 'open', denied(name)], [false, true])
  })
})
