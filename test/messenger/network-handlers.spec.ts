import assert from 'node:assert/strict'
import { createBench, friends, onlyState } from '../support/messenger-bench.js'

describe('messenger/network-handlers', () => {
  it('tells the app of peers that come and go, and of contacts that are in reach because of it', async () => {
    const bench = createBench()
    const [alice] = await friends(bench)
    const peers: number[] = []
    const reachable: boolean[] = []
    alice.context.events.addEventListener('peer:update', ({ detail }) => peers.push(detail.peers))
    alice.context.events.addEventListener('contact:update', ({ detail }) => reachable.push(detail.reachable))
    bench.hub.partition([['alice'], ['bob']])
    // Whoever was heard within the last minute still counts.
    await bench.clock.advance(150_000)
    assert.deepEqual([peers.at(-1), reachable.at(-1)], [0, false])
    bench.hub.heal()
    await bench.clock.advance(5_000)
    assert.deepEqual([peers.at(-1), reachable.at(-1)], [1, true])
    assert.equal(onlyState(alice.context).contact.accepted, true)
    await bench.run(alice.node.stop())
    assert.deepEqual([peers.at(-1), reachable.at(-1)], [0, false])
    const told = peers.length
    await bench.run(alice.node.start())
    await bench.clock.advance(5_000)
    assert.deepEqual([peers.at(-1), reachable.at(-1)], [1, true])
    await bench.run(alice.node.close())
    assert.equal(peers.length, told + 1)
  })

  it('refuses what is no parcel, and takes nothing while it is stopped', async () => {
    const bench = createBench()
    const [alice, bob] = await friends(bench)
    await bench.run(alice.node.stop())
    const before = alice.context.mailbox.status().envelopes
    await bob.context.network.publish(bob.context.topic, new Uint8Array(512))
    await bench.clock.advance(5_000)
    assert.equal(alice.context.mailbox.status().envelopes, before)
  })
})
