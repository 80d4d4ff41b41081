import assert from 'node:assert/strict'
import '../../../src/platform/polyfill.js'
import { createLibp2p } from 'libp2p'
import { stopNode } from '../../../src/network/libp2p/stop-node.js'
import { createRawPeer } from '../../support/network-raw-peer.js'

describe('network/libp2p/stop-node', () => {
  it('stops a real node and cancels the timer that it would leave', async () => {
    const node = await createLibp2p()
    const components: unknown = Reflect.get(node, 'components')
    assert.ok(typeof components === 'object' && components !== null)
    const manager: unknown = Reflect.get(components, 'addressManager')
    assert.ok(typeof manager === 'object' && manager !== null)
    // If this fails, libp2p has changed: see whether it cancels the timer itself by now.
    const debounced: unknown = Reflect.get(manager, '_updatePeerStoreAddresses')
    assert.ok(typeof debounced === 'function')
    let cancelled = 0
    Reflect.set(debounced, 'stop', () => {
      cancelled += 1
    })
    await stopNode(node)
    assert.equal(node.status, 'stopped')
    assert.equal(cancelled, 1)
  })

  it('leaves no timer of a node with gossip either', async () => {
    const node = await createRawPeer()
    // The heart beats: one timer for the next time.
    const status: unknown = Reflect.get(node.services.pubsub, 'status')
    assert.ok(typeof status === 'object' && status !== null)
    // If this fails, gossipsub has changed: see whether it cancels the timer itself by now.
    const timer: unknown = Reflect.get(status, 'heartbeatTimeout')
    assert.ok(typeof timer === 'object' && timer !== null)
    assert.equal(Reflect.get(timer, '_destroyed'), false)
    await stopNode(node)
    assert.equal(Reflect.get(Object(Reflect.get(status, 'heartbeatTimeout')), '_destroyed'), true)
  })
})
