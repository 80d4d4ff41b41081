import assert from 'node:assert/strict'
import { createRecorder } from '../support/network-recorder.js'
import { createMemoryHub } from '../../src/network/memory-network.js'
import { describeNetwork } from '../conformance/network.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'

describeNetwork('network/memory-node', () => {
  const clock = createVirtualClock()
  const hub = createMemoryHub({ clock, seed: 7, discovery: false })
  return {
    topic: '/t',
    protocol: '/p',
    streamProtocol: '/s',
    deadAddress: '/memory/nobody',
    create: (name) => Promise.resolve(hub.createNetwork(name)),
    until: (_, predicate) => clock.runUntil(predicate, 60_000),
    breathe: () => clock.advance(10),
    quiet: () => clock.advance(1_000),
    close: () => Promise.resolve()
  }
})

describe('network/memory-node', () => {
  it('waits for no answer once either of the two has stopped, and leaves no timer', async () => {
    for (const stopped of [0, 1]) {
      const clock = createVirtualClock()
      const hub = createMemoryHub({ clock, seed: 7 })
      const nodes = ['alice', 'bob'].map((name) => hub.createNetwork(name))
      const silent = createRecorder()
      silent.answer = () => new Promise(() => undefined)
      for (const node of nodes) await node.start(silent.handlers)
      await clock.advance(1_000)
      const asked = nodes[0]?.request('bob', '/p', Uint8Array.of(1))
      const failed = assert.rejects(asked ?? Promise.resolve(), { code: 'NETWORK_FAILED' })
      await clock.advance(1_000)
      assert.equal(clock.pending, 1, 'it waits')
      await nodes[stopped]?.stop()
      assert.equal(clock.pending, 0)
      await failed
    }
  })
})
