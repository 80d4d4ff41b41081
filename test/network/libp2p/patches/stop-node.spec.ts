import assert from 'node:assert/strict'
import '../../../../src/platform/polyfill.js'
import type { Libp2p } from '@libp2p/interface'
import { createLibp2p } from 'libp2p'
import { member } from '../../../../src/codec/member.js'
import { stopNode } from '../../../../src/network/libp2p/patches/stop-node.js'
import { createRawPeer, type RawServices } from '../../../support/network-raw-peer.js'

describe('network/libp2p/patches/stop-node', () => {
  it('stops a real node and cancels the timer that it would leave', async () => {
    const node = await createLibp2p()
    const debounced = debouncedOf(node)
    let cancelled = 0
    Reflect.set(debounced, 'stop', () => {
      cancelled += 1
    })
    await stopNode(node)
    assert.equal(node.status, 'stopped')
    assert.equal(cancelled, 1)
  })

  it('is needed as long as libp2p leaves it', async () => {
    const node = await createRawPeer()
    await node.stop()
    const before = timers()
    debouncedOf(node).stop()
    assert.equal(before - timers(), 1)
    await stopNode(node)
  })

  it('leaves no timer of a node with gossip either', async () => {
    const node = await createRawPeer()
    const isBeating = heartbeatOf(node)
    assert.ok(isBeating())
    await stopNode(node)
    assert.ok(!isBeating())
  })

  it('is needed as long as gossipsub leaves that one', async () => {
    const node = await createRawPeer()
    const isBeating = heartbeatOf(node)
    await node.stop()
    assert.ok(isBeating())
    await stopNode(node)
  })
})

/** What libp2p has put off until its addresses change no more. */
function debouncedOf(node: Libp2p): { stop(): void } {
  const debounced = member(member(member(node, 'components'), 'addressManager'), '_updatePeerStoreAddresses')
  assert.ok(typeof debounced === 'function' && 'stop' in debounced && typeof debounced.stop === 'function')
  return debounced as typeof debounced & { stop(): void }
}

/** Whether gossipsub has a timer for its next heartbeat. */
function heartbeatOf({ services }: Libp2p<RawServices>): () => boolean {
  const status = member(services.pubsub, 'status')
  assert.ok(typeof member(status, 'heartbeatTimeout') === 'object')
  return () => member(member(status, 'heartbeatTimeout'), '_destroyed') === false
}

function timers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length
}
