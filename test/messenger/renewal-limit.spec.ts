import assert from 'node:assert/strict'
import { mayRenew } from '../../src/messenger/renewal-limit.js'
import { DAY_MS } from '../../src/protocol/limits.js'

describe('messenger/renewal-limit', () => {
  const now = 1_000 * DAY_MS
  const may = (...days: number[]): boolean =>
    mayRenew(
      days.map((day) => now - day * DAY_MS),
      now
    )

  it('allows what was never done, and another time after a day', () => {
    assert.deepEqual([may(), may(0), may(1), may(1.1)], [true, false, false, true])
  })

  it('allows three times a week', () => {
    assert.deepEqual([may(2, 3), may(2, 3, 4), may(2, 3, 8)], [true, false, true])
  })

  it('takes what a clock that was ahead has noted for long ago', () => {
    assert.deepEqual([may(-300), may(-0.5)], [true, false])
  })
})
