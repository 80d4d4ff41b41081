import assert from 'node:assert/strict'
import { agoText, clockText, dayText } from '../../src/cli/time-text.js'
import { MORNING } from './fake-messenger.js'

describe('times for people', () => {
  it('are the clock and the day', () => {
    assert.match(clockText(MORNING), /^\d\d:\d\d$/)
    assert.match(dayText(MORNING), /^\w+day, 1[345] May 2024$/)
  })

  it('tell how long ago', () => {
    const ago = (ms: number): string => agoText(MORNING - ms, MORNING)
    const minute = 60_000
    assert.deepEqual(
      [
        ago(-5000),
        ago(59_000),
        ago(5 * minute),
        ago(3 * 60 * minute),
        ago(1500 * minute),
        ago(5 * 1440 * minute)
      ],
      ['just now', 'just now', '5 min ago', '3 h ago', 'yesterday', '5 days ago']
    )
    assert.match(ago(60 * 1440 * minute), /^on \w+, 1\d March 2024$/)
  })
})
