import assert from 'node:assert/strict'
import type { Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { answers, dropDead, probeTimeout } from '../../../src/network/libp2p/liveness.js'
import { createFastClock, realClock } from '../../support/network-libp2p.js'
import { createProxy } from '../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import { waitFor } from '../../support/network-wait.js'

const PING = '/ipfs/ping/1.0.0'
const TALK = '/test/talk'

describe('network/libp2p/liveness', () => {
  let alice: Libp2p
  let bob: Libp2p

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
  })

  it('finds that a connection answers', async () => {
    const connection = await alice.dial(multiaddr(rawAddress(bob)))
    assert.deepEqual(bob.getProtocols().includes(PING), false)
    assert.equal(await answers(connection, realClock), true)
    await dropDead([connection], realClock, undefined)
    assert.equal(connection.status, 'open')
  })

  it('leaves alone the pings of libp2p, which allows one at a time, and finds that a connection answers beside them', async () => {
    await alice.handle(PING, () => undefined, { maxOutboundStreams: 1 })
    await bob.handle(PING, () => undefined)
    const connection = await alice.dial(multiaddr(rawAddress(bob)))
    const [isAlive] = await Promise.all([answers(connection, realClock), connection.newStream(PING)])
    assert.equal(isAlive, true)
    await dropDead([connection], realClock, undefined)
    assert.equal(connection.status, 'open')
  })

  it('finds that a connection is dead although nobody closed it, and closes it', async () => {
    const proxy = await createProxy(rawAddress(bob))
    try {
      const connection = await alice.dial(multiaddr(proxy.address))
      const clock = createFastClock(10)
      assert.equal(await answers(connection, clock), true)
      proxy.freeze()
      // What was under way may still come.
      await waitFor('silence', async () => !(await answers(connection, clock)), 20_000)
      assert.equal(connection.status, 'open')
      await dropDead([connection], clock, undefined)
      assert.notEqual(connection.status, 'open')
    } finally {
      await proxy.close()
    }
  })

  it('takes for alive whoever says anything while the answer is late', async () => {
    const proxy = await createProxy(rawAddress(bob))
    try {
      const connection = await alice.dial(multiaddr(proxy.address))
      await alice.handle(TALK, () => undefined)
      await waitFor('bob to have it too', () => bob.getConnections().length === 1, 5_000)
      const talk = await bob.getConnections()[0]?.newStream(TALK)
      assert.ok(talk !== undefined)
      const clock = createFastClock(10)
      // No answer comes: what bob is asked does not get there.
      proxy.freeze('there')
      await waitFor('silence', async () => !(await answers(connection, clock)), 20_000)
      const isAlive = answers(connection, clock)
      talk.send(Uint8Array.of(1))
      assert.equal(await isAlive, true)
    } finally {
      await proxy.close()
    }
  })

  it('waits for three round trips, within bounds, and for ten seconds where nobody knows how long one takes', () => {
    assert.deepEqual(
      [0, 1_000, 2_000, 3_000, 4_000, 60_000, undefined].map((rtt) =>
        probeTimeout(rtt === undefined ? {} : { rtt })
      ),
      [3_000, 3_000, 6_000, 9_000, 12_000, 20_000, 10_000]
    )
  })

  it('takes a link of four seconds for alive, but not where it was said to be short', async () => {
    const proxy = await createProxy(rawAddress(bob), { latencyMs: 400 })
    try {
      const connection = await alice.dial(multiaddr(proxy.address))
      const clock = createFastClock(5)
      assert.equal(await answers(connection, clock), true)
      connection.rtt = 4_000
      assert.equal(await answers(connection, clock), true)
      connection.rtt = 10
      assert.equal(await answers(connection, clock), false)
    } finally {
      await proxy.close()
    }
  })
})
