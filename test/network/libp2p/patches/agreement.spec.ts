import assert from 'node:assert/strict'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { agreementOn, takeForGranted } from '../../../../src/network/libp2p/patches/agreement.js'

const PROTOCOL = '/hallig/test/1'

/** A stream that agreement on {@link PROTOCOL} is taken for granted of, what it hands over, and why it was ended. */
function granted(): {
  readonly stream: { onData(data: Uint8Array | Uint8ArrayList): void }
  readonly handedOver: number[]
  readonly errors: Error[]
} {
  const [handedOver, errors]: [number[], Error[]] = [[], []]
  const stream = {
    onData: (data: Uint8Array | Uint8ArrayList) => {
      handedOver.push(...data.subarray())
    },
    abort: (error: Error) => {
      errors.push(error)
    }
  }
  takeForGranted(stream, PROTOCOL)
  return { stream, handedOver, errors }
}

describe('network/libp2p/patches/agreement', () => {
  it('is each line after its length, and the same for both sides', () => {
    assert.equal(
      new TextDecoder().decode(agreementOn(PROTOCOL)),
      '\u0013/multistream/1.0.0\n\u000f/hallig/test/1\n'
    )
  })

  it('that is taken for granted is left out of what comes, in whatever pieces', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 8 }),
        fc.boolean(),
        (said, lengths, isList) => {
          const { stream, handedOver, errors } = granted()
          const all = Uint8Array.of(...agreementOn(PROTOCOL), ...said)
          for (let at = 0, n = 0; at < all.length; n += 1) {
            const piece = all.subarray(at, at + (lengths[n % lengths.length] ?? 1))
            at += piece.length
            const middle = piece.length >> 1
            stream.onData(
              isList ? new Uint8ArrayList(piece.subarray(0, middle), piece.subarray(middle)) : piece
            )
          }
          assert.deepEqual(handedOver, [...said])
          assert.deepEqual(errors, [])
        }
      )
    )
  })

  it('that does not come ends the stream, and nothing is handed over', () => {
    const refusal = new TextEncoder().encode('\u0013/multistream/1.0.0\n\u0003na\n')
    fc.assert(
      fc.property(
        fc.nat({ max: agreementOn(PROTOCOL).length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, by) => {
          const garbled = agreementOn(PROTOCOL).map((byte, place) => (place === at ? byte ^ by : byte))
          for (const answer of [refusal, garbled]) {
            const { stream, handedOver, errors } = granted()
            stream.onData(answer)
            assert.deepEqual(handedOver, [])
            assert.deepEqual(
              errors.map(({ name }) => name),
              ['UnsupportedProtocolError']
            )
          }
        }
      )
    )
  })
})
