import assert from 'node:assert/strict'
import { encodeParcel } from '../../src/codec/parcel.js'
import { DIRECT_FRAME_BYTES } from '../../src/protocol/envelope/direct.js'
import {
  dayOf,
  encodePrefix,
  LANE_OPEN,
  LANE_TAGGED,
  outlineEnvelope
} from '../../src/protocol/envelope/envelope.js'
import { inspectParcel } from '../../src/protocol/envelope/inspect.js'
import { pad, unpad } from '../../src/protocol/envelope/padding.js'
import { MAX_ENVELOPE_BYTES, MIN_ENVELOPE_BYTES } from '../../src/protocol/limits.js'
import { must, NOW, seeded } from '../support/protocol-values.js'
import type { Vector } from '../support/vectors.js'
import { toHex, type FrozenCase, type FrozenFile } from './frozen-file.js'

const tag = seeded(0xe0)(16)
const today = dayOf(NOW)

/** A prefix before zeros: enough for what is said without a key. */
function envelope(size: number, lane = LANE_TAGGED, day = today + 7): Uint8Array {
  const bytes = new Uint8Array(size)
  bytes.set(encodePrefix(lane, day, tag).subarray(0, size))
  return bytes
}

function newer(): Uint8Array {
  const bytes = envelope(512)
  bytes[0] = 2
  return bytes
}

const outlines: Readonly<Record<string, readonly [envelope: Uint8Array, result: string]>> = {
  'of the smallest size': [envelope(512), 'outlined'],
  'of the largest size': [envelope(32_768), 'outlined'],
  'open, whatever was paid': [envelope(1_024, LANE_OPEN), 'outlined'],
  'expiring today': [envelope(512, LANE_TAGGED, today), 'outlined'],
  'expired yesterday, by a clock that may be wrong': [envelope(512, LANE_TAGGED, today - 1), 'outlined'],
  'refused: expired the day before yesterday': [envelope(512, LANE_TAGGED, today - 2), 'expired'],
  'living as long as it may, and the tolerance': [envelope(512, LANE_TAGGED, today + 29), 'outlined'],
  'refused: living a day longer': [envelope(512, LANE_TAGGED, today + 30), 'lives-too-long'],
  'refused: a byte too short': [envelope(511), 'wrong-size'],
  'refused: a byte too long': [envelope(513), 'wrong-size'],
  'refused: of no size that there is': [envelope(1_536), 'wrong-size'],
  'refused: twice the largest': [envelope(65_536), 'wrong-size'],
  'refused: nothing': [envelope(0), 'wrong-size'],
  'refused: of a later version': [newer(), 'unknown-version'],
  'refused: of another lane': [envelope(512, 2), 'unknown-lane']
}

/** Zeros at the end are left out. */
function trimmed(bytes: Uint8Array): string {
  return toHex(bytes).replace(/(00)+$/, '')
}

const salt = seeded(0xe1)(8)
const parcels: Readonly<Record<string, readonly [envelopes: readonly Uint8Array[], result: string]>> = {
  'with one envelope': [[envelope(512)], '1'],
  'with two sizes': [[envelope(512), envelope(1_024)], '2'],
  'with an expired one beside another': [[envelope(512, LANE_TAGGED, today - 9), envelope(512)], '1'],
  'with one of a later version beside another': [[newer(), envelope(512)], '1'],
  'refused: with nothing but an expired one': [[envelope(512, LANE_TAGGED, today - 9)], 'stale'],
  'refused: with one of a wrong size beside another': [[envelope(513), envelope(512)], 'malformed'],
  'refused: with an unpaid open hello': [[envelope(1_024, LANE_OPEN)], 'malformed'],
  'refused: with nothing in it': [[], 'malformed']
}

/** Contents at the edge of every size, one byte apart. */
function sizeCases(): FrozenCase[] {
  const cases: FrozenCase[] = []
  for (let size = MIN_ENVELOPE_BYTES; size <= MAX_ENVELOPE_BYTES; size *= 2) {
    const room = size - DIRECT_FRAME_BYTES
    const padded = pad(new Uint8Array(room - 1).fill(0xab), room)
    cases.push({
      name: `padding that just fits ${String(size)}`,
      size,
      content: room - 1,
      end: toHex(padded.subarray(-4))
    })
  }
  return cases
}

function consumeParcel(vector: Vector): void {
  const parts = vector.texts('envelopes').map((text, index) => {
    const bytes = new Uint8Array(Number(vector.texts('sizes')[index]))
    bytes.set(Buffer.from(text, 'hex'))
    return bytes
  })
  const parcel = encodeParcel(parts, vector.bytes('salt'))
  const inspected = inspectParcel(parcel, vector.number('now'))
  const result = inspected.kind === 'rejected' ? inspected.reason : String(inspected.envelopes.length)
  assert.equal(result, vector.text('result'))
  const head = vector.bytes('head')
  assert.deepEqual(parcel.subarray(0, head.length), head)
}

/** What is said of envelopes and parcels without a key, and where the sizes have their edges. */
export const frozenEnvelopes: FrozenFile = {
  name: 'envelope',
  generate: () => [
    ...Object.entries(outlines).map(([name, [bytes, result]]) => ({
      name,
      size: bytes.length,
      begin: trimmed(bytes),
      now: NOW,
      result
    })),
    ...Object.entries(parcels).map(([name, [envelopes, result]]) => ({
      name: `parcel ${name}`,
      salt: toHex(salt),
      envelopes: envelopes.map(trimmed),
      sizes: envelopes.map(({ length }) => String(length)),
      head: toHex(encodeParcel(envelopes, salt).subarray(0, 11)),
      now: NOW,
      result
    })),
    ...sizeCases()
  ],
  consume(vector) {
    if (vector.has('salt')) {
      consumeParcel(vector)
      return
    }
    if (vector.has('end')) {
      const length = vector.number('content')
      const padded = pad(new Uint8Array(length).fill(0xab), length + 1)
      assert.deepEqual(padded.slice(-4), vector.bytes('end'))
      assert.equal(must(unpad(padded)).length, length)
      return
    }
    const bytes = new Uint8Array(vector.number('size'))
    bytes.set(vector.bytes('begin'))
    const outlined = outlineEnvelope(bytes, vector.number('now'))
    assert.equal(outlined.kind === 'rejected' ? outlined.reason : 'outlined', vector.text('result'))
  }
}
