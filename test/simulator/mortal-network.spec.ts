import assert from 'node:assert/strict'
import { createMemoryHub } from '../../src/network/memory-network.js'
import type { NetworkHandlers } from '../../src/network/network.js'
import { beginLife } from '../../src/simulator/life.js'
import { mortalNetwork } from '../../src/simulator/mortal-network.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

const handlers: NetworkHandlers = {
  inspect: () => 'accept',
  onParcel: () => undefined,
  onPeers: () => undefined,
  onJoin: () => undefined,
  onRequest: () => Promise.resolve(undefined),
  onStream: () => undefined
}

describe('simulator/mortal-network', () => {
  it('tells of what is published, falls silent at the death, and serves the next life', async () => {
    const clock = createVirtualClock()
    const hub = createMemoryHub({ clock, seed: 1 })
    const lasting = hub.createNetwork('alice')
    const life = beginLife()
    const published: number[] = []
    const network = mortalNetwork(lasting, life, ({ length }) => published.push(length))
    await network.start(handlers)
    network.join('/t')
    await network.publish('/t', new Uint8Array(512))
    life.kill()
    let settled = false
    void network.publish('/t', new Uint8Array(512)).then(() => (settled = true))
    await clock.advance(1_000)
    assert.deepEqual([published, settled, lasting.addresses()], [[512], false, []])
    const next = mortalNetwork(lasting, beginLife(), () => undefined)
    await next.start(handlers)
    assert.deepEqual(lasting.addresses(), ['/memory/alice'])
  })
})
