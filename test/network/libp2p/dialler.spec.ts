import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import type { Libp2p } from '@libp2p/interface'
import { isMessengerError } from '../../../src/errors.js'
import { Dialler } from '../../../src/network/libp2p/dialler.js'
import type { Clock } from '../../../src/clock.js'
import { answers } from '../../../src/network/libp2p/liveness.js'
import { DIAL_STAGGER_MS, DUPLICATE_AGE_MS } from '../../../src/network/limits.js'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.js'
import { createFastClock, realClock } from '../../support/network-libp2p.js'
import { createProxy } from '../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import { waitFor } from '../../support/network-wait.js'

const NEVER = new AbortController().signal

describe('network/libp2p/dialler', () => {
  let alice: Libp2p
  let bob: Libp2p
  let dialler: Dialler

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
    dialler = new Dialler(alice, realClock, undefined)
  })

  afterEach(async () => {
    await alice.stop()
    await bob.stop()
  })

  const bare = (): string => rawAddress(bob).replace(/\/p2p\/.*/, '')

  it('reaches a peer through the good address although a stale one swallows everything', async () => {
    // Takes connections and says nothing.
    const silent = createServer()
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const address = silent.address()
    assert.ok(typeof address === 'object' && address !== null)
    const stale = `/ip4/127.0.0.1/tcp/${address.port}`
    const clock = createVirtualClock()
    const reached = new Dialler(alice, clock, undefined).dialFirst([stale, bare()], NEVER)
    // No more time passes than until the second is tried: nobody gives up the first.
    await clock.advance(DIAL_STAGGER_MS)
    assert.deepEqual(await reached, { peer: bob.peerId.toString(), address: bare() })
    silent.close()
  })

  it('tries an address through a relay last, whatever the order', async () => {
    const asked: string[] = []
    const dial = alice.dial.bind(alice)
    alice.dial = (target, options) => {
      asked.push(String(target))
      return dial(target, options)
    }
    const relayed = `${rawAddress(alice)}/p2p-circuit/p2p/${bob.peerId.toString()}`
    const reached = await dialler.dialFirst([relayed, bare()], NEVER)
    assert.equal(reached.address, bare())
    assert.equal(asked[0], bare())
  })

  it('reaches a peer although another of its addresses is none that this version knows', async () => {
    const reached = await dialler.dialFirst(['/carrier-pigeon/7', bare()], NEVER)
    assert.deepEqual(reached, { peer: bob.peerId.toString(), address: bare() })
  })

  it('does not take somebody else for the peer an address names', async () => {
    const wrong = `${bare()}/p2p/${alice.peerId.toString()}`
    await assert.rejects(dialler.dialFirst([wrong], NEVER), (error) => isMessengerError(error, 'DIAL_FAILED'))
    await assert.rejects(dialler.dialFirst([], NEVER), (error) => isMessengerError(error, 'DIAL_FAILED'))
  })

  it('says whether nobody answers, no transport leads there, or the address is its own', async () => {
    const failures: readonly (readonly [address: string, message: RegExp])[] = [
      ['/ip4/127.0.0.1/tcp/1', /^Nobody answers at/],
      ['/ip4/127.0.0.1/udp/1/quic-v1', /^No transport of this node .* leads to/],
      [rawAddress(alice), /^This node itself has the address/]
    ]
    for (const [address, message] of failures)
      await assert.rejects(dialler.dial(address), { code: 'DIAL_FAILED', message })
  })

  it('can be aborted', async () => {
    const controller = new AbortController()
    controller.abort()
    const dialled = dialler.dial(bare(), controller.signal)
    await assert.rejects(dialled, (error) => isMessengerError(error, 'ABORTED'))
  })

  it('closes a second connection if the first is old and answers, and keeps it if the first is dead', async () => {
    const proxy = await createProxy(rawAddress(bob))
    try {
      const clock = createFastClock(10)
      let expired = 0
      const schedule: Clock['schedule'] = (delay, wake) =>
        clock.schedule(delay, () => {
          expired++
          wake()
        })
      const impatient = new Dialler(alice, { now: () => clock.now(), schedule }, undefined)
      await impatient.dial(proxy.address)
      const [first] = alice.getConnections()
      assert.ok(first !== undefined)
      first.timeline.open -= DUPLICATE_AGE_MS + 1
      await impatient.dial(bare())
      await waitFor('the second to close', () => alice.getConnections().length === 1, 5_000)
      assert.equal(alice.getConnections()[0]?.id, first.id)
      proxy.freeze()
      // What was under way may still come, and answers for it.
      await waitFor('silence', async () => !(await answers(first, clock)), 20_000)
      await impatient.dial(bare())
      await waitFor('the first to be given up', () => expired === 1, 5_000)
      assert.equal(alice.getConnections().filter(({ id }) => id !== first.id).length, 1)
    } finally {
      await proxy.close()
    }
  })
})
