import assert from 'node:assert/strict'
import type { MessageStream } from '@libp2p/interface'
import { withPlainLengths } from '../../../../src/network/libp2p/patches/frame-lengths.js'
import { PROTOCOL, createTestNetwork } from '../../../support/network-libp2p.js'
import { createRawPeer } from '../../../support/network-raw-peer.js'
import { createRecorder } from '../../../support/network-recorder.js'

describe('network/libp2p/patches/frame-lengths', () => {
  const original = RangeError
  let made: number

  beforeEach(() => {
    made = 0
    globalThis.RangeError = new Proxy(original, {
      apply: (target, _self, [message]: [string?]) => {
        if (message === 'Could not decode int16BE') made++
        return target(message)
      }
    })
  })

  afterEach(() => {
    globalThis.RangeError = original
  })

  it('makes no error for each frame that nothing comes behind', async () => {
    const [alice, bob] = [createTestNetwork(), createTestNetwork()]
    try {
      for (const network of [alice, bob]) await network.start(createRecorder().handlers)
      await alice.dial(bob.addresses()[0] ?? '')
      const question = Uint8Array.of(7, 7, 7)
      // The handshake, which is over when this is answered, makes some.
      await alice.request(bob.peer ?? '', PROTOCOL, question)
      made = 0
      assert.deepEqual(await alice.request(bob.peer ?? '', PROTOCOL, question), question)
    } finally {
      for (const network of [alice, bob]) await network.stop()
    }
    assert.equal(made, 0)
  })

  it('is needed as long as libp2p’s own Noise does so', async () => {
    const [alice, bob] = [await createRawPeer(), await createRawPeer()]
    try {
      await alice.dial(bob.getMultiaddrs())
    } finally {
      for (const peer of [alice, bob]) await peer.stop()
    }
    assert.ok(made > 0)
  })

  it('reads a length only when both of its bytes are there, and leaves alone what it does not know', () => {
    const decoder = { lengthDecoder: (bytes: { readonly byteLength: number }) => bytes.byteLength }
    const known = securedBy({ decoder })
    assert.equal(withPlainLengths(known), known)
    assert.equal(decoder.lengthDecoder(new Uint8Array(2)), 2)
    for (const length of [0, 1])
      assert.throws(() => decoder.lengthDecoder(new Uint8Array(length)), RangeError)
    for (const unknown of [{}, { decoder: undefined }, { decoder: null }, { decoder: {} }])
      assert.deepEqual(withPlainLengths(securedBy(unknown)), securedBy(unknown))
  })
})

function securedBy(connection: object): Parameters<typeof withPlainLengths>[0] {
  const secured: unknown = { connection }
  assert.ok(isSecured(secured))
  return secured
}

/** Only what is looked at is there. */
function isSecured(
  value: unknown
): value is Parameters<typeof withPlainLengths>[0] & { readonly connection: MessageStream } {
  return typeof value === 'object' && value !== null && 'connection' in value
}
