import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_ENVELOPE_BYTES, MAX_SYNC_FRAME } from '../../../src/protocol/limits.js'
import { decodeFrame, encodeFrame, givenBytes, type SyncFrame } from '../../../src/protocol/sync/frames.js'
import { joined } from '../../support/protocol-values.js'

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

const examples: readonly SyncFrame[] = [
  { kind: 'hello', carrier: true, credit: 1000, size: 7, fingerprint: bytes(16, 1) },
  { kind: 'hello', carrier: false, credit: 0, size: 0, fingerprint: bytes(16, 2), salt: bytes(16, 3) },
  { kind: 'ranges', message: bytes(5, 4) },
  { kind: 'want', numbers: [0, 1, 300] },
  { kind: 'give', given: [{ number: 3, envelope: bytes(512, 5) }, { number: 4 }] },
  { kind: 'took', bytes: 70_000 },
  { kind: 'purge', secrets: [bytes(16, 6), bytes(16, 7)] },
  { kind: 'done' }
]

describe('protocol/sync/frames', () => {
  for (const [n, frame] of examples.entries()) {
    it(`reads the ${frame.kind} it wrote (${String(n)})`, () => {
      const encoded = encodeFrame(frame)
      assert.deepEqual(decodeFrame(encoded), frame)
      assert.equal(decodeFrame(Uint8Array.of(...encoded, 0))?.kind === frame.kind, frame.kind === 'ranges')
    })
  }

  it('counts what an envelope takes', () => {
    const envelope = bytes(1024, 1)
    const number = 2 ** 28 - 1
    assert.equal(encodeFrame({ kind: 'give', given: [{ number, envelope }] }).length, 1 + givenBytes(1024))
  })

  /** A hello that speaks of so many shards, with the one it knows at this place. */
  function ofShards(count: number, place: number): Uint8Array {
    const hello = encodeFrame(examples[0] ?? { kind: 'done' })
    const shards = Array.from({ length: count }, (_, shard) =>
      shard === place ? hello.slice(8) : bytes(21, 9)
    )
    return joined(hello.slice(0, 7), Uint8Array.of(count), ...shards)
  }

  it('takes a hello that speaks of other shards than the one it knows, before it and behind it', () => {
    for (const place of [0, 1, 2]) assert.deepEqual(decodeFrame(ofShards(3, place)), examples[0])
    assert.equal(decodeFrame(ofShards(3, 3)), undefined, 'and not of the one')
  })

  it('takes a hello of 64 shards, and of no more', () => {
    assert.deepEqual(decodeFrame(ofShards(64, 63)), examples[0])
    assert.equal(decodeFrame(ofShards(65, 0)), undefined)
  })

  it('refuses another version and another kind', () => {
    const hello = encodeFrame(examples[0] ?? { kind: 'done' })
    hello[1] = 2
    assert.equal(decodeFrame(hello), undefined)
    assert.equal(decodeFrame(Uint8Array.of(7)), undefined)
  })

  it('takes the longest frame, and none that is a byte longer', () => {
    assert.equal(decodeFrame(bytes(MAX_SYNC_FRAME, 1))?.kind, 'ranges')
    assert.equal(decodeFrame(bytes(MAX_SYNC_FRAME + 1, 1)), undefined)
  })

  it('takes the largest envelope, and none that is a byte larger', () => {
    const given = (size: number): Uint8Array =>
      encodeFrame({ kind: 'give', given: [{ number: 1, envelope: bytes(size, 5) }] })
    assert.equal(decodeFrame(given(MAX_ENVELOPE_BYTES))?.kind, 'give')
    assert.equal(decodeFrame(given(MAX_ENVELOPE_BYTES + 1)), undefined)
  })

  it('refuses a wish whose numbers do not ascend', () => {
    assert.equal(decodeFrame(encodeFrame({ kind: 'want', numbers: [5, 5] })), undefined)
  })

  it('decodes any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        decodeFrame(any)
      })
    )
  })
})
