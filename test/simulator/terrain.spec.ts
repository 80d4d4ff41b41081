import assert from 'node:assert/strict'
import { createMemoryHub } from '../../src/network/memory-network.js'
import type { Network } from '../../src/network/network.js'
import { Terrain } from '../../src/simulator/terrain.js'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.js'

async function createRig(): Promise<{
  clock: VirtualClock
  terrain: Terrain
  linked: () => number
  one: Network
}> {
  const clock = createVirtualClock()
  const hub = createMemoryHub({ clock, seed: 1, detectAfter: 100 })
  const [one, other] = [hub.createNetwork('a'), hub.createNetwork('b')]
  const terrain = new Terrain(hub, ['a', 'b'])
  for (const network of [one, other]) {
    await network.start({
      inspect: () => 'accept',
      onParcel: () => undefined,
      onPeers: () => undefined,
      onJoin: () => undefined,
      onRequest: () => Promise.resolve(undefined),
      onStream: () => undefined
    })
  }
  await clock.advance(1_000)
  return { clock, terrain, one, linked: () => one.peers().length }
}

const pair = { one: 0, other: 1 }

describe('simulator/terrain', () => {
  it('links those who are near, for as long as one encounter of theirs goes on', async () => {
    const { clock, terrain, linked } = await createRig()
    assert.equal(linked(), 0)
    for (const [action, expected] of [
      ['meet', 1],
      ['meet', 1],
      ['part', 1],
      ['part', 0]
    ] as const) {
      terrain[action](pair)
      await clock.advance(1_000)
      assert.equal(linked(), expected)
    }
  })

  it('keeps apart who is near and deaf, and who hears and is far', async () => {
    const { clock, terrain, linked } = await createRig()
    terrain.deafen(1, 0)
    terrain.meet(pair)
    await clock.advance(1_000)
    assert.equal(linked(), 0)
    terrain.hear(1, 0)
    await clock.advance(1_000)
    assert.equal(linked(), 1)
    terrain.part(pair)
    terrain.deafen(0, 1)
    terrain.hear(0, 1)
    await clock.advance(1_000)
    assert.equal(linked(), 0)
  })
})
