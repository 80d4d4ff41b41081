import assert from 'node:assert/strict'
import { createMemoryHub } from '../../src/network/memory-network.js'
import type { MemoryHub, MemoryHubOptions } from '../../src/network/memory-network.js'
import type { Network, PeerStream } from '../../src/network/network.js'
import { createVirtualClock } from '../../src/simulator/virtual-clock.js'
import type { VirtualClock } from '../../src/simulator/virtual-clock.js'
import { createRecorder } from '../support/network-recorder.js'

interface Streams {
  readonly clock: VirtualClock
  readonly hub: MemoryHub
  readonly network: Network
  readonly mine: PeerStream
  readonly theirs: PeerStream
}

async function open(options: Partial<MemoryHubOptions> = {}): Promise<Streams> {
  const clock = createVirtualClock()
  const hub = createMemoryHub({ clock, seed: 4, ...options })
  const [alice, bob] = [hub.createNetwork('alice'), hub.createNetwork('bob')]
  const there = createRecorder()
  await alice.start(createRecorder().handlers)
  await bob.start(there.handlers)
  await clock.runUntil(() => alice.peers().length > 0, 10_000)
  const opening = alice.openStream('bob', '/s')
  await clock.runUntil(() => there.streams.length > 0, 10_000)
  const [theirs] = there.streams
  assert.ok(theirs !== undefined)
  return { clock, hub, network: alice, mine: await opening, theirs }
}

/** Sends numbers and says how many had arrived after `ms`. */
async function arrived({ clock, mine, theirs }: Streams, count: number, ms: number): Promise<number[]> {
  const numbers: number[] = []
  for (let number = 0; number < count; number++) await mine.send(new Uint8Array(1000).fill(number))
  void (async () => {
    for (;;) numbers.push((await theirs.receive())?.[0] ?? -1)
  })().catch(() => undefined)
  await clock.advance(ms)
  return numbers
}

const counted = (count: number): number[] => Array.from({ length: count }, (_, number) => number)

describe('network/memory-stream', () => {
  it('loses nothing where parcels are lost, and keeps the order', async () => {
    assert.deepEqual(await arrived(await open({ loss: 0.3 }), 50, 600_000), counted(50))
  })

  it('is late where something was lost', async () => {
    const [clean, lossy] = [await open(), await open({ loss: 0.3 })]
    assert.equal((await arrived(clean, 50, 150)).length, 50)
    assert.ok((await arrived(lossy, 50, 150)).length < 50)
  })

  it('shares the bandwidth of its link', async () => {
    const streams = await open({ bandwidth: 10_000 })
    const numbers = await arrived(streams, 50, 2_500)
    assert.ok(numbers.length > 20 && numbers.length <= 25, String(numbers.length))
  })

  it('carries nothing across a cut, and breaks when the link is found dead', async () => {
    const streams = await open()
    streams.hub.partition([['alice'], ['bob']])
    assert.deepEqual(await arrived(streams, 3, 1_000), [])
    const waiting = assert.rejects(streams.mine.receive())
    await streams.clock.advance(15_000)
    await waiting
    await assert.rejects(streams.mine.send(Uint8Array.of(1)))
  })
})
