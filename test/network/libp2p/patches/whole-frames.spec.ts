import assert from 'node:assert/strict'
import { Socket } from 'node:net'
import { PROTOCOL, createTestNetwork } from '../../../support/network-libp2p.js'
import { createRawPeer } from '../../../support/network-raw-peer.js'
import { createRecorder } from '../../../support/network-recorder.js'

/** Bytes of the length of a frame. */
const LENGTH_BYTES = 2

describe('network/libp2p/patches/whole-frames', () => {
  const write = Reflect.get(Socket.prototype, 'write') as (this: Socket, ...input: unknown[]) => boolean
  let lengths: number[]

  beforeEach(() => {
    lengths = []
    Socket.prototype.write = function (this: Socket, ...input: unknown[]): boolean {
      const [piece] = input
      if (piece instanceof Uint8Array) lengths.push(piece.length)
      return write.apply(this, input)
    }
  })

  afterEach(() => {
    Socket.prototype.write = write
  })

  it('writes no length of a frame by itself', async () => {
    const [alice, bob] = [createTestNetwork(), createTestNetwork()]
    try {
      for (const network of [alice, bob]) await network.start(createRecorder().handlers)
      await alice.dial(bob.addresses()[0] ?? '')
      const question = new Uint8Array(5_000).fill(7)
      assert.deepEqual(await alice.request(bob.peer ?? '', PROTOCOL, question), question)
    } finally {
      for (const network of [alice, bob]) await network.stop()
    }
    assert.ok(lengths.some((length) => length > 5_000))
    assert.ok(!lengths.includes(LENGTH_BYTES))
  })

  it('is needed as long as libp2p’s own Noise does so', async () => {
    const [alice, bob] = [await createRawPeer(), await createRawPeer()]
    try {
      await alice.dial(bob.getMultiaddrs())
    } finally {
      for (const peer of [alice, bob]) await peer.stop()
    }
    assert.ok(lengths.includes(LENGTH_BYTES))
  })
})
