import assert from 'node:assert/strict'
import { lookAtClock } from '../../../src/cli/doctor/clock.js'

const NOW = Date.UTC(2026, 10, 24, 12)
const HOUR = 3_600_000

describe('the doctor at the clock', () => {
  it('finds nothing wrong with a plausible one', () => {
    assert.equal(lookAtClock(NOW, []).state, 'ok')
    assert.equal(lookAtClock(NOW, [{ sentAt: NOW - 9 * HOUR, storedAt: NOW - HOUR }]).state, 'ok')
  })

  it('knows one that has lost its time', () => {
    const finding = lookAtClock(0, [])
    assert.equal(finding.state, 'failure')
    assert.match(finding.sentence, /1970/)
  })

  it('notices that it was set back', () => {
    assert.match(lookAtClock(NOW, [{ sentAt: NOW, storedAt: NOW + HOUR }]).sentence, /set back/)
  })

  it('notices what came in before it was written', () => {
    const finding = lookAtClock(NOW, [{ sentAt: NOW, storedAt: NOW - HOUR }])
    assert.equal(finding.state, 'warning')
    assert.match(finding.sentence, /1 h ago.*slow/)
  })
})
