import assert from 'node:assert/strict'
import fc from 'fast-check'
import { encodeParcel } from '../../../src/codec/parcel.js'
import { dayOf, encodePrefix, LANE_OPEN, LANE_TAGGED } from '../../../src/protocol/envelope/envelope.js'
import { inspectParcel } from '../../../src/protocol/envelope/inspect.js'
import { paidHello } from '../../support/protocol-hello.js'
import { anyBytes, assertRejected, expectKind, mutated, NOW, seeded } from '../../support/protocol-values.js'

const SALT = new Uint8Array(8)
const today = dayOf(NOW)

function envelope(
  change: Partial<{ day: number; lane: number; size: number; version: number }> = {}
): Uint8Array {
  const { day = today + 7, lane = LANE_TAGGED, size = 512, version = 1 } = change
  const bytes = seeded(day + lane + size)(size)
  bytes.set(encodePrefix(lane, day, new Uint8Array(16).fill(size / 512)))
  bytes[0] = version
  return bytes
}

describe('protocol/envelope/inspect', () => {
  const good = envelope()

  it('outlines every envelope of a parcel', () => {
    const { envelope: open } = paidHello()
    const { envelopes } = expectKind(inspectParcel(encodeParcel([good, open], SALT), NOW), 'inspected')
    assert.deepEqual(
      envelopes.map(({ lane, bytes }) => ({ lane, bytes })),
      [
        { lane: LANE_TAGGED, bytes: good },
        { lane: LANE_OPEN, bytes: open }
      ]
    )
  })

  it('is condemned as a whole by one envelope that no honest node sends', () => {
    const { unpaid } = paidHello()
    for (const bad of [envelope({ size: 600 }), new Uint8Array(0), envelope({ lane: 2 }), unpaid]) {
      assertRejected(inspectParcel(encodeParcel([good, bad], SALT), NOW), 'malformed')
    }
  })

  it('goes on without envelopes of another time or another version', () => {
    const old = envelope({ day: today - 9 })
    const later = envelope({ day: today + 99 })
    const newer = envelope({ version: 2, lane: 9 })
    const { envelopes } = expectKind(
      inspectParcel(encodeParcel([old, good, later, newer], SALT), NOW),
      'inspected'
    )
    assert.deepEqual(
      envelopes.map(({ bytes }) => bytes),
      [good]
    )
    assertRejected(inspectParcel(encodeParcel([old, later, newer], SALT), NOW), 'stale')
  })

  it('is no attack for a node whose clock is in 1970 or 2100', () => {
    const parcel = encodeParcel([good], SALT)
    for (const now of [0, Date.UTC(2100, 0, 1)]) assertRejected(inspectParcel(parcel, now), 'stale')
  })

  it('takes any and mutated bytes without throwing', () => {
    const parcel = encodeParcel([good, paidHello().envelope], SALT)
    fc.assert(
      fc.property(fc.oneof(anyBytes(1_500), mutated(parcel)), (bytes) => {
        const inspected = inspectParcel(bytes, NOW)
        if (inspected.kind === 'rejected') return
        const sizes = inspected.envelopes.map((outline) => outline.bytes.length)
        assert.ok(sizes.every((size) => size >= 512))
        assert.ok(sizes.reduce((sum, size) => sum + size) < bytes.length)
      }),
      { numRuns: 400 }
    )
  })
})
