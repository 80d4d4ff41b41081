import assert from 'node:assert/strict'
import { EventLog } from '../../src/simulator/event-log.js'

function digestOf(lines: readonly string[]): string {
  const log = new EventLog()
  for (const line of lines) log.add(line)
  return log.digest()
}

const long = Array.from({ length: 30_000 }, (_, n) => `line ${String(n)}`)

describe('simulator/event-log', () => {
  it('has the same hash for the same lines, however many and however often it is asked', () => {
    const log = new EventLog()
    for (const line of long) log.add(line)
    assert.match(log.digest(), /^[0-9a-f]{64}$/)
    assert.equal(log.digest(), log.digest())
    assert.equal(log.digest(), digestOf(long))
  })

  it('has another for other lines, one more, or another order', () => {
    const digest = digestOf(long)
    assert.notEqual(digestOf(long.with(1, 'line')), digest)
    assert.notEqual(digestOf([...long, '']), digest)
    assert.notEqual(digestOf(long.with(3, 'line 4').with(4, 'line 3')), digest)
  })
})
