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
