import assert from 'node:assert/strict'
import fc from 'fast-check'
import { sha256 } from '../../../src/crypto/hash.js'
import { label } from '../../../src/protocol/labels.js'
import { MAX_SYNC_FRAME } from '../../../src/protocol/limits.js'
import {
  beginReading,
  beginWriting,
  endWriting,
  FILE_FRAME_BYTES,
  FILE_RECORD_BYTES,
  readOn,
  writeFrame,
  type FileFrame,
  type FilePart
} from '../../../src/protocol/sync/parcel-file.js'

const bytes = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value)

const frames: readonly FileFrame[] = [
  { kind: 'purge', secrets: [bytes(16, 1), bytes(16, 2)] },
  { kind: 'give', given: [3, 4, 5].map((value) => ({ number: 0, envelope: bytes(512, value) })) },
  { kind: 'give', given: [{ number: 0, envelope: bytes(4096, 6) }] }
]

function fileOf(written: readonly FileFrame[], network = 'main'): Uint8Array {
  const begun = beginWriting(network)
  const pieces = [begun.bytes]
  let { writer } = begun
  for (const frame of written) {
    const next = writeFrame(writer, frame)
    writer = next.writer
    pieces.push(next.bytes)
  }
  return joined(...pieces, endWriting(writer))
}

function joined(...pieces: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(pieces))
}

/** All parts of a file, read in pieces of these sizes in turn. */
function partsOf(file: Uint8Array, sizes: readonly number[] = [file.length]): FilePart[] | string {
  let reader = beginReading('main')
  const parts: FilePart[] = []
  for (let at = 0, n = 0; at < file.length; n++) {
    const size = Math.max(1, sizes[n % sizes.length] ?? 1)
    const before = { ...reader, rest: reader.rest.slice() }
    const step = readOn(reader, file.slice(at, at + size))
    assert.equal(Buffer.compare(reader.rest, before.rest), 0)
    assert.deepEqual({ ...reader, rest: 0 }, { ...before, rest: 0 })
    if (step.kind === 'rejected') return step.reason
    reader = step.reader
    parts.push(...step.parts)
    at += size
  }
  return parts
}

function envelopesIn(parts: FilePart[] | string): Uint8Array[] {
  if (typeof parts === 'string') return []
  return parts.flatMap((part) => (part.kind === 'envelopes' ? part.envelopes : []))
}

/** Where the frame with this number begins. */
function placeOf(frame: number): number {
  const before = frames.slice(0, frame)
  return fileOf(before).length - (FILE_FRAME_BYTES - 17)
}

const whole: FilePart[] = [
  { kind: 'secrets', secrets: [bytes(16, 1), bytes(16, 2)] },
  { kind: 'envelopes', envelopes: [3, 4, 5].map((value) => bytes(512, value)) },
  { kind: 'envelopes', envelopes: [bytes(4096, 6)] },
  { kind: 'end', isWhole: true }
]

describe('protocol/sync/parcel-file', () => {
  it('reads what it wrote, whatever the pieces it comes in', () => {
    const file = fileOf(frames)
    assert.deepEqual(partsOf(file), whole)
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }), (sizes) => {
        assert.deepEqual(partsOf(file, sizes), whole)
      }),
      { numRuns: 20 }
    )
  })

  it('reads any frames it wrote', () => {
    const envelope = fc.uint8Array({ minLength: 1, maxLength: 600 })
    const frame = fc.oneof(
      fc.record({
        kind: fc.constant('give' as const),
        given: fc.array(fc.record({ number: fc.constant(0), envelope }), { minLength: 1, maxLength: 5 })
      }),
      fc.record({
        kind: fc.constant('purge' as const),
        secrets: fc.array(fc.uint8Array({ minLength: 16, maxLength: 16 }), { minLength: 1, maxLength: 5 })
      })
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 6 }), fc.integer({ min: 1, max: 900 }), (written, size) => {
        const parts = partsOf(fileOf(written), [size])
        assert.deepEqual(parts, [
          ...written.map((one) =>
            one.kind === 'give'
              ? { kind: 'envelopes', envelopes: one.given.map((given) => given.envelope) }
              : { kind: 'secrets', secrets: one.secrets }
          ),
          { kind: 'end', isWhole: true }
        ])
      })
    )
  })

  it('counts what a file adds to its frames', () => {
    assert.equal(fileOf([]).length, FILE_FRAME_BYTES)
    const frame: FileFrame = { kind: 'purge', secrets: [bytes(16, 1)] }
    assert.equal(fileOf([frame]).length, FILE_FRAME_BYTES + FILE_RECORD_BYTES + 17)
  })

  it('gives what comes before the place where a file is cut off, and no end', () => {
    const file = fileOf(frames)
    for (let length = 0; length < file.length; length += 101) {
      const parts = partsOf(file.slice(0, length), [997])
      assert.ok(typeof parts !== 'string')
      assert.deepEqual(parts, whole.slice(0, parts.length))
      assert.ok(parts.length < whole.length)
    }
    assert.equal(envelopesIn(partsOf(file.slice(0, file.length - 1))).length, 4)
  })

  it('passes over a frame that was changed, and says so', () => {
    const file = fileOf(frames)
    file[placeOf(1) + 100] = 9
    const parts = partsOf(file)
    assert.deepEqual(parts, [whole[0], { kind: 'damaged' }, whole[2], { kind: 'end', isWhole: false }])
  })

  it('is not whole with a frame passed over that held no envelope', () => {
    const file = fileOf(frames)
    file[placeOf(0) + 5] = 9
    assert.deepEqual(partsOf(file).slice(-1), [{ kind: 'end', isWhole: false }])
  })

  it('takes nothing that no check vouches for, and never the end of a file with a frame less or twice', () => {
    const parts = frames.map((_, n) => fileOf(frames).slice(placeOf(n), placeOf(n + 1)))
    const [head, tail] = [fileOf(frames).slice(0, 17), fileOf(frames).slice(placeOf(3))]
    for (const order of [[0, 1], [0, 1, 1, 2], [1, 0, 2], []]) {
      const file = joined(head, ...order.map((n) => parts[n] ?? bytes(0, 0)), tail)
      const read = partsOf(file)
      assert.ok(typeof read !== 'string')
      assert.deepEqual(read.at(-1), { kind: 'end', isWhole: false })
    }
  })

  it('stops at a length that cannot be, and passes over what follows the end', () => {
    const file = fileOf(frames)
    new DataView(file.buffer, file.byteOffset).setUint16(placeOf(1), MAX_SYNC_FRAME + 1)
    assert.deepEqual(partsOf(file), [whole[0], { kind: 'damaged' }])
    // It is known by its length alone.
    assert.deepEqual(partsOf(file.slice(0, placeOf(1) + 2)), [whole[0], { kind: 'damaged' }])
    assert.deepEqual(partsOf(joined(fileOf(frames), bytes(5000, 7)), [400]), whole)
  })

  it('reads the longest frame, and nothing of what is said to be gone', () => {
    const envelopes = [32_768, MAX_SYNC_FRAME - 1 - 2 * 3 - 32_768].map((size) => bytes(size, 7))
    const given = envelopes.map((envelope) => ({ number: 0, envelope }))
    const longest = fileOf([{ kind: 'give', given }])
    assert.equal(longest.length, FILE_FRAME_BYTES + FILE_RECORD_BYTES + MAX_SYNC_FRAME)
    assert.deepEqual(partsOf(longest), [
      { kind: 'envelopes', envelopes },
      { kind: 'end', isWhole: true }
    ])
    assert.deepEqual(partsOf(fileOf([{ kind: 'give', given: [{ number: 0 }] }])), [
      { kind: 'envelopes', envelopes: [] },
      { kind: 'end', isWhole: true }
    ])
  })

  it('takes for damage what no frame is, however right its check', () => {
    const begun = beginWriting('main')
    for (const [kind, rest] of [[6], [9], [3, 0]].map(([first = 0, ...more]) => [first, more] as const)) {
      const frame = Uint8Array.of(kind, ...rest)
      const check = sha256(label('file/check'), frame).subarray(0, 8)
      const file = joined(begun.bytes, Uint8Array.of(0, frame.length), frame, check)
      assert.deepEqual(partsOf(file), [{ kind: 'damaged' }])
    }
  })

  it('refuses what is no file, of another network or of a version to come', () => {
    assert.equal(partsOf(bytes(100, 0)), 'not-a-file')
    assert.equal(partsOf(bytes(1, 1)), 'not-a-file')
    assert.equal(partsOf(fileOf(frames, 'other')), 'other-network')
    assert.equal(partsOf(beginWriting('other').bytes), 'other-network')
    const newer = fileOf(frames)
    newer[8] = 2
    assert.equal(partsOf(newer), 'unknown-version')
    assert.equal(partsOf(newer, [1]), 'unknown-version')
    // What a transfer as text makes of it.
    const text = Buffer.from(fileOf(frames)).toString('latin1').replaceAll('\r\n', '\n')
    assert.equal(partsOf(new Uint8Array(Buffer.from(text, 'latin1'))), 'not-a-file')
  })

  it('reads any bytes without an exception', () => {
    const header = beginWriting('main').bytes
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 50 }), (any, size) => {
        partsOf(any, [size])
        partsOf(joined(header, any), [size])
      })
    )
  })
})
