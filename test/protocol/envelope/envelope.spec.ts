import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  dayOf,
  encodePrefix,
  envelopeSize,
  expiryDay,
  isDayOver,
  isMisdated,
  LANE_OPEN,
  LANE_TAGGED,
  outlineEnvelope,
  PREFIX_BYTES
} from '../../../src/protocol/envelope/envelope.js'
import {
  CLOCK_TOLERANCE_DAYS,
  DAY_MS,
  EARLIEST_DAY,
  MAX_ENVELOPE_BYTES,
  MAX_LIFETIME_DAYS
} from '../../../src/protocol/limits.js'
import { anyBytes, assertRejected, expectKind, NOW } from '../../support/protocol-values.js'

const SIZES = [512, 1_024, 2_048, 4_096, 8_192, 16_384, 32_768]
const TAG = new Uint8Array(16).fill(3)

function envelope(day: number, lane = LANE_TAGGED, size = 512): Uint8Array {
  const bytes = new Uint8Array(size)
  bytes.set(encodePrefix(lane, day, TAG))
  return bytes
}

describe('protocol/envelope/envelope', () => {
  const today = dayOf(NOW)

  it('has seven sizes', () => {
    const sizes = new Set<number | undefined>()
    for (let length = 0; length <= MAX_ENVELOPE_BYTES; length += 1) {
      const size = envelopeSize(length)
      assert.ok(size !== undefined && size >= length && (size === 512 || size < 2 * length))
      sizes.add(size)
    }
    assert.deepEqual([...sizes], SIZES)
    assert.equal(envelopeSize(MAX_ENVELOPE_BYTES + 1), undefined)
  })

  it('tells lane, expiry and tag without a key', () => {
    for (const lane of [LANE_TAGGED, LANE_OPEN]) {
      const bytes = envelope(today + 7, lane, 1_024)
      const { outline } = expectKind(outlineEnvelope(bytes, NOW), 'outlined')
      assert.deepEqual(outline, { lane, expiryDay: today + 7, tag: TAG, bytes })
    }
  })

  it('refuses any other size, version and lane', () => {
    for (const size of [0, 1, 511, 513, 768, 32_767, 32_769, 65_536]) {
      assertRejected(outlineEnvelope(new Uint8Array(size), NOW), 'wrong-size')
    }
    for (let value = 0; value < 256; value += 1) {
      const other = envelope(today)
      other[0] = value
      if (value !== 1) assertRejected(outlineEnvelope(other, NOW), 'unknown-version')
      if (value > 1) assertRejected(outlineEnvelope(envelope(today, value), NOW), 'unknown-lane')
    }
  })

  it('refuses what is past its day and what would live too long, each with a day for wrong clocks', () => {
    const kinds = new Map([
      [today - CLOCK_TOLERANCE_DAYS - 1, 'expired'],
      [today - CLOCK_TOLERANCE_DAYS, undefined],
      [today + MAX_LIFETIME_DAYS + CLOCK_TOLERANCE_DAYS, undefined],
      [today + MAX_LIFETIME_DAYS + CLOCK_TOLERANCE_DAYS + 1, 'lives-too-long']
    ])
    for (const [day, reason] of kinds) {
      const outlined = outlineEnvelope(envelope(day), NOW)
      if (reason === undefined) assert.equal(outlined.kind, 'outlined')
      else assertRejected(outlined, reason)
      assert.equal(isDayOver(day, NOW), reason === 'expired')
    }
  })

  it('knows the days that only a clock wrong by weeks or years can have chosen', () => {
    const latest = today + MAX_LIFETIME_DAYS + CLOCK_TOLERANCE_DAYS
    for (const day of [0, EARLIEST_DAY - 1, latest + 1, 65_535]) assert.equal(isMisdated(day, NOW), true)
    // Long over is not misdated: it was in time when it was written.
    for (const day of [EARLIEST_DAY, today - 400, today, latest]) assert.equal(isMisdated(day, NOW), false)
  })

  it('lets honest envelopes of any lifetime pass between clocks a day apart', () => {
    const lifetime = fc.integer({ min: 0, max: MAX_LIFETIME_DAYS * DAY_MS })
    const skew = fc.integer({ min: -DAY_MS, max: DAY_MS })
    fc.assert(
      fc.property(lifetime, skew, fc.integer({ min: NOW, max: Date.UTC(2100, 0, 1) }), (life, off, now) => {
        const bytes = envelope(expiryDay(now, life))
        assert.equal(outlineEnvelope(bytes, now + off).kind, 'outlined')
      })
    )
  })

  it('stays within its field for every clock', () => {
    for (const now of [-1, 0, NOW, Date.UTC(2100, 0, 1), Date.UTC(2300, 0, 1), Number.MAX_SAFE_INTEGER]) {
      const day = expiryDay(now, 28 * DAY_MS)
      assert.ok(day >= 0 && day <= 0xffff && Number.isInteger(day))
      assert.equal(outlineEnvelope(envelope(day), now).kind, 'outlined')
    }
    assertRejected(outlineEnvelope(envelope(today + 7), 0), 'lives-too-long')
    assertRejected(outlineEnvelope(envelope(today + 7), Date.UTC(2100, 0, 1)), 'expired')
  })

  it('takes any bytes without throwing', () => {
    fc.assert(
      fc.property(anyBytes(1_100), fc.constantFrom(512, 1_024), (bytes, size) => {
        assert.ok(
          outlineEnvelope(bytes, NOW).kind === 'rejected' || envelopeSize(bytes.length) === bytes.length
        )
        const padded = new Uint8Array(size)
        padded.set(bytes.subarray(0, size))
        padded[0] = 1
        const outlined = outlineEnvelope(padded, NOW)
        if (outlined.kind === 'outlined') assert.deepEqual(outlined.outline.tag, padded.slice(4, 20))
      })
    )
  })

  it('begins with twenty bytes', () => {
    assert.deepEqual(encodePrefix(1, 0x1234, TAG), Uint8Array.from([1, 1, 0x12, 0x34, ...TAG]))
    assert.equal(PREFIX_BYTES, 20)
  })
})
