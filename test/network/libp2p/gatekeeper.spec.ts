import assert from 'node:assert/strict'
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys'
import { peerIdFromPrivateKey } from '@libp2p/peer-id'
import type { MultiaddrConnection } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { createGatekeeper } from '../../../src/network/libp2p/gatekeeper.js'
import { Handshakes } from '../../../src/network/libp2p/handshakes.js'
import { DENY_MS, MAX_DENIED_PEERS, MAX_PENDING_PER_HOST } from '../../../src/network/limits.js'
import { createVirtualClock } from '../../../src/simulator/virtual-clock.js'

describe('network/libp2p/gatekeeper', () => {
  it('keeps a denied peer out, in both directions, for its time and no longer', async () => {
    const clock = createVirtualClock()
    const { gater, deny, isDenied } = createGatekeeper(clock, new Handshakes())
    const peer = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32)))
    assert.equal(await gater.denyDialPeer?.(peer), false)
    deny(peer.toString())
    assert.equal(await gater.denyDialPeer?.(peer), true)
    await clock.advance(DENY_MS + 1)
    assert.equal(await gater.denyDialPeer?.(peer), false)
    assert.equal(isDenied(peer.toString()), false)
  })

  it('keeps a peer out no longer because the clock was set back', () => {
    const clock = createVirtualClock()
    const ahead = { ...clock, now: () => clock.now() + shift }
    let shift = 86_400_000
    const { deny, isDenied } = createGatekeeper(ahead, new Handshakes())
    deny('mallory')
    assert.equal(isDenied('mallory'), true)
    shift = 0
    assert.equal(isDenied('mallory'), false)
  })

  it('lets nobody through a relay who is denied, and nobody in from a relay that is not named', async () => {
    const [relay, other, peer] = await Promise.all(
      [1, 2, 3].map(async (seed) =>
        peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32).fill(seed)))
      )
    )
    assert.ok(relay !== undefined && other !== undefined && peer !== undefined)
    const asked: string[] = []
    const { gater, deny } = createGatekeeper(createVirtualClock(), new Handshakes(), {
      isNamed: (name) => name === relay.toString(),
      onReservation: (who) => asked.push(who.toString())
    })
    const answers = async (): Promise<unknown[]> => [
      await gater.denyInboundRelayedConnection?.(relay, peer),
      await gater.denyInboundRelayReservation?.(peer),
      await gater.denyOutboundRelayedConnection?.(peer, other),
      await gater.denyOutboundRelayedConnection?.(other, peer)
    ]
    assert.deepEqual(await answers(), [false, false, false, false])
    assert.equal(await gater.denyInboundRelayedConnection?.(other, peer), true)
    deny(peer.toString())
    assert.deepEqual(await answers(), [true, true, true, true])
    assert.deepEqual(asked, [peer.toString()])
    const { gater: without } = createGatekeeper(createVirtualClock(), new Handshakes())
    assert.equal(await without.denyInboundRelayedConnection?.(relay, other), true)
  })

  it('gives the places of a host back when a connection is upgraded or closed, not when its other side has said who it is', async () => {
    const { gater } = createGatekeeper(createVirtualClock(), new Handshakes())
    const peer = peerIdFromPrivateKey(await generateKeyPairFromSeed('Ed25519', new Uint8Array(32)))
    const dial = async (): Promise<MultiaddrConnection | undefined> => {
      const connection = Object.assign(new EventTarget(), {
        remoteAddr: multiaddr('/ip4/10.0.0.1/tcp/4001')
      }) as unknown as MultiaddrConnection
      return (await gater.denyInboundConnection?.(connection)) === true ? undefined : connection
    }
    const dialled: MultiaddrConnection[] = []
    for (let n = 0; n < MAX_PENDING_PER_HOST; n += 1) dialled.push((await dial()) ?? assert.fail())
    const [first, second] = dialled
    assert.ok(first !== undefined && second !== undefined)
    assert.equal(await dial(), undefined)
    assert.equal(await gater.denyInboundEncryptedConnection?.(peer, first), false)
    assert.equal(await dial(), undefined)
    assert.equal(await gater.denyInboundUpgradedConnection?.(peer, first), false)
    assert.ok(await dial())
    assert.equal(await dial(), undefined)
    second.dispatchEvent(new Event('close'))
    assert.ok(await dial())
    assert.equal(await dial(), undefined)
  })

  it('remembers a bounded number of them, the newest', () => {
    const { deny, isDenied } = createGatekeeper(createVirtualClock(), new Handshakes())
    for (let n = 0; n <= MAX_DENIED_PEERS; n += 1) deny(`peer ${n}`)
    assert.deepEqual(
      [isDenied('peer 0'), isDenied('peer 1'), isDenied(`peer ${MAX_DENIED_PEERS}`)],
      [false, true, true]
    )
  })
})
