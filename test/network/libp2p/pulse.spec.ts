import assert from 'node:assert/strict'
import type { Connection, Libp2p } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import type { Clock } from '../../../src/clock.js'
import { member } from '../../../src/codec/member.js'
import { Pulse } from '../../../src/network/libp2p/pulse.js'
import { MAX_BEATS_UNANSWERED, PULSE_MS } from '../../../src/network/limits.js'
import { createFastClock, createTestNetwork } from '../../support/network-libp2p.js'
import { createProxy, type Proxy } from '../../support/network-proxy.js'
import { createRawPeer, rawAddress } from '../../support/network-raw-peer.js'
import { createRecorder } from '../../support/network-recorder.js'
import { waitFor } from '../../support/network-wait.js'

const PING = '/ipfs/ping/1.0.0'
const TALK = '/test/talk'

describe('network/libp2p/pulse', () => {
  let alice: Libp2p
  let bob: Libp2p
  let proxy: Proxy
  let connection: Connection
  let pulse: Pulse
  let beat: (() => void) | undefined

  /** A clock whose only timer goes off when the test says so. */
  const clock: Clock = {
    now: () => Date.now(),
    schedule(delay, wake) {
      assert.equal(delay, PULSE_MS)
      beat = wake
      return () => {
        beat = undefined
      }
    }
  }

  beforeEach(async () => {
    ;[alice, bob] = [await createRawPeer(), await createRawPeer()]
    proxy = await createProxy(rawAddress(bob))
    connection = await alice.dial(multiaddr(proxy.address))
    pulse = new Pulse({ node: alice, clock, logger: undefined })
    pulse.begin()
  })

  afterEach(async () => {
    pulse.stop()
    await alice.stop()
    await bob.stop()
    await proxy.close()
  })

  async function answered(): Promise<void> {
    delete connection.rtt
    beat?.()
    await waitFor('an answer', () => connection.rtt !== undefined, 5_000)
  }

  it('measures how long a connection takes to answer, and leaves it alone', async () => {
    for (let beats = 0; beats < 3 * MAX_BEATS_UNANSWERED; beats++) await answered()
    assert.equal(connection.status, 'open')
  })

  it('closes a connection that has not answered, and not before it has had its time', async () => {
    await answered()
    proxy.freeze()
    for (let beats = 0; beats < MAX_BEATS_UNANSWERED; beats++) {
      beat?.()
      assert.equal(connection.status, 'open')
    }
    beat?.()
    assert.notEqual(connection.status, 'open')
  })

  it('leaves a connection alone whose answer is late, as long as anything comes', async () => {
    await answered()
    await alice.handle(TALK, () => undefined)
    const talk = await bob.getConnections()[0]?.newStream(TALK)
    assert.ok(talk !== undefined)
    // No answer comes: what bob is asked does not get there, as behind much else on a narrow link.
    proxy.freeze('there')
    const below = member(connection, 'maConn')
    assert.ok(below instanceof EventTarget)
    for (let beats = 0; beats < 3 * MAX_BEATS_UNANSWERED; beats++) {
      beat?.()
      const heard = new Promise((resolve) => {
        below.addEventListener('message', resolve, { once: true })
      })
      talk.send(Uint8Array.of(1))
      await heard
    }
    assert.equal(connection.status, 'open')
    // So a probe waits for as long as that.
    assert.ok((connection.rtt ?? 0) >= PULSE_MS)
    for (let beats = 0; beats <= MAX_BEATS_UNANSWERED; beats++) {
      assert.equal(connection.status, 'open')
      beat?.()
    }
    assert.notEqual(connection.status, 'open')
  })

  it('says something at each beat for as long as the answer is late, for who sends much hears nothing else', async () => {
    await connection.close()
    const back = await createProxy(rawAddress(alice))
    try {
      const heard = await bob.dial(multiaddr(back.address))
      await waitFor('alice to have it too', () => alice.getConnections().length === 1, 5_000)
      await alice.handle(TALK, () => undefined)
      await heard.newStream(TALK)
      // What alice is asked and answered stays under way, behind much else on a narrow link.
      back.freeze('there')
      const below = member(heard, 'maConn')
      assert.ok(below instanceof EventTarget)
      for (let beats = 0; beats < MAX_BEATS_UNANSWERED; beats++) {
        let isHeard = false
        below.addEventListener('message', () => (isHeard = true), { once: true })
        beat?.()
        // Less than the ten seconds after which libp2p's own monitor of these nodes asks.
        await waitFor('something to be said', () => isHeard, 5_000)
      }
      assert.equal(heard.status, 'open')
    } finally {
      await back.close()
    }
  })

  it('goes on where a connection has gone, and asks nobody once it has stopped', async () => {
    await connection.close()
    beat?.()
    connection = await alice.dial(multiaddr(rawAddress(bob)))
    await answered()
    pulse.stop()
    assert.equal(beat, undefined)
  })

  it('is what a node of ours asks by, and opens no stream for it', async () => {
    const network = createTestNetwork({ clock: createFastClock(20) })
    let pings = 0
    await bob.handle(PING, () => {
      pings++
    })
    await network.start(createRecorder().handlers)
    try {
      await network.dial(proxy.address)
      proxy.freeze()
      await waitFor('the link to be given up', () => network.peers().length === 0, 10_000)
      assert.equal(pings, 0)
    } finally {
      await network.stop()
    }
  })
})
