import assert from 'node:assert/strict'
import fc from 'fast-check'
import { MAX_SYNC_FRAME } from '../../../src/protocol/limits.js'
import { decodeFrame, encodeFrame, givenBytes, type SyncFrame } from '../../../src/protocol/sync/frames.js'

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

  it('takes a hello that speaks of more shards than the one it knows', () => {
    const hello = encodeFrame(examples[0] ?? { kind: 'done' })
    const more = Uint8Array.of(...hello.slice(0, 7), 2, 9, ...bytes(20, 9), ...hello.slice(8))
    assert.deepEqual(decodeFrame(more), examples[0])
  })

  it('refuses another version, another kind, and what is too long', () => {
    const hello = encodeFrame(examples[0] ?? { kind: 'done' })
    hello[1] = 2
    assert.equal(decodeFrame(hello), undefined)
    assert.equal(decodeFrame(Uint8Array.of(7)), undefined)
    assert.equal(decodeFrame(new Uint8Array(MAX_SYNC_FRAME + 1).fill(1)), undefined)
  })

  it('decodes any bytes without an exception', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
        decodeFrame(any)
      })
    )
  })
})
