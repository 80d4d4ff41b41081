import assert from 'node:assert/strict'
import fc from 'fast-check'
import {
  EMPTY_LEDGER,
  fitsAt,
  LEDGER_SLOTS,
  spend,
  spentWithin,
  turnTo,
  type Ledger
} from '../../../src/protocol/delivery/ledger.js'

const NOW = 1_750_000_000_000
const HOUR = 3_600_000

/** Steps of a clock that runs on, by ms, and what is spent at each. */
const spendings = fc.array(fc.tuple(fc.nat(1_200_000), fc.nat(1_000)), { maxLength: 40 })

function spendAll(steps: readonly (readonly [number, number])[]): {
  ledger: Ledger
  now: number
  spent: readonly { at: number; bytes: number }[]
} {
  let ledger = EMPTY_LEDGER
  let now = NOW
  const spent: { at: number; bytes: number }[] = []
  for (const [wait, bytes] of steps) {
    now += wait
    ledger = spend(ledger, bytes, now)
    spent.push({ at: now, bytes })
  }
  return { ledger, now, spent }
}

const sumAfter = (spent: readonly { at: number; bytes: number }[], start: number): number =>
  spent.reduce((sum, { at, bytes }) => sum + (at > start ? bytes : 0), 0)

describe('protocol/delivery/ledger', () => {
  it('is the same within a minute', () => {
    const ledger = spend(EMPTY_LEDGER, 5, NOW)
    const minute = NOW - (NOW % 60_000)
    assert.equal(turnTo(ledger, minute), ledger)
    assert.equal(turnTo(ledger, minute + 59_999), ledger)
    assert.notEqual(turnTo(ledger, minute + 60_000), ledger)
  })

  it('counts everything of the last hour, and nothing that is a minute older', () => {
    fc.assert(
      fc.property(spendings, (steps) => {
        const { ledger, now, spent } = spendAll(steps)
        const counted = spentWithin(ledger, now)
        assert.ok(counted >= sumAfter(spent, now - HOUR))
        assert.ok(counted <= sumAfter(spent, now - HOUR - 60_000))
        assert.ok(ledger.slots.length <= LEDGER_SLOTS)
        assert.equal(spentWithin(ledger, now + HOUR + 60_000), 0)
      })
    )
  })

  it('never lets more than the bound be spent in any hour, if asked before, and always again in the end', () => {
    const BOUND = 2_000
    fc.assert(
      fc.property(spendings, (steps) => {
        let ledger = EMPTY_LEDGER
        let now = NOW
        const spent: { at: number; bytes: number }[] = []
        for (const [wait, bytes] of steps) {
          now += wait
          const at = fitsAt(ledger, bytes, BOUND, now)
          assert.equal(at === now, spentWithin(ledger, now) + bytes <= BOUND)
          assert.ok(at <= now + HOUR + 60_000)
          if (at > now) {
            assert.ok(spentWithin(ledger, at) + bytes <= BOUND, 'it fits when it was said to')
            assert.ok(spentWithin(ledger, at - 1) + bytes > BOUND, 'and no sooner')
            continue
          }
          ledger = spend(ledger, bytes, now)
          spent.push({ at: now, bytes })
          assert.ok(sumAfter(spent, now - HOUR) <= BOUND)
        }
        assert.equal(fitsAt(ledger, BOUND + 1, BOUND, now), Infinity)
      })
    )
  })

  it('lets be spent just what is left, at once or with the minute that frees it', () => {
    const ledger = spend(spend(EMPTY_LEDGER, 600, NOW), 400, NOW + 60_000)
    const now = NOW + 60_000
    assert.equal(fitsAt(ledger, 500, 1_500, now), now)
    const firstFree = (Math.floor(NOW / 60_000) + LEDGER_SLOTS) * 60_000
    assert.equal(fitsAt(ledger, 501, 1_500, now), firstFree)
    assert.equal(fitsAt(ledger, 1_100, 1_500, now), firstFree)
    assert.equal(fitsAt(ledger, 1_101, 1_500, now), firstFree + 60_000)
    assert.equal(fitsAt(ledger, 1_500, 1_500, now), firstFree + 60_000)
    assert.equal(fitsAt(ledger, 1_501, 1_500, now), Infinity)
    assert.equal(fitsAt(EMPTY_LEDGER, 1_500, 1_500, now), now)
  })

  it('forgives nothing when the clock is set back, and locks nobody out', () => {
    const ledger = spend(EMPTY_LEDGER, 700, NOW)
    const back = NOW - 1_000 * HOUR
    assert.equal(spentWithin(ledger, back), 700)
    assert.equal(spentWithin(turnTo(ledger, back), back + HOUR + 60_000), 0)
  })

  it('takes back what was counted too much, and no more than that', () => {
    let ledger = spend(spend(EMPTY_LEDGER, 500, NOW), -200, NOW)
    assert.equal(spentWithin(ledger, NOW), 300)
    ledger = spend(ledger, -9_000, NOW + 60_000)
    assert.equal(spentWithin(ledger, NOW + 60_000), 300)
  })
})
