import assert from 'node:assert/strict'
import fc from 'fast-check'
import { EMERGENCY_PERIOD, MAX_EMERGENCIES } from '../../../src/protocol/limits.js'
import { countPriority, PRESSING_FIRST, priorityOf, rankOf } from '../../../src/protocol/message/priority.js'

const NOW = 1_750_000_000_000

describe('protocol/message/priority', () => {
  it('has a number each, and is routine if there is none or an unknown one', () => {
    for (const priority of PRESSING_FIRST) assert.equal(priorityOf(rankOf(priority)), priority)
    assert.deepEqual(PRESSING_FIRST.map(rankOf), [2, 1, 0])
    assert.deepEqual([undefined, 3, 2 ** 32 - 1].map(priorityOf), ['routine', 'routine', 'routine'])
  })

  it('is routine if a stranger says it, whatever it claims, and uses up nothing', () => {
    for (const claimed of PRESSING_FIRST) {
      const counted = countPriority(claimed, false, [NOW], NOW)
      assert.deepEqual(counted, { priority: 'routine', emergencies: [NOW] })
    }
  })

  it('counts so many emergencies of a contact in any hour; more are urgent', () => {
    let emergencies: readonly number[] = []
    const shown: string[] = []
    for (let minute = 0; minute < 70; minute += 5) {
      const counted = countPriority('emergency', true, emergencies, NOW + minute * 60_000)
      emergencies = counted.emergencies
      shown.push(counted.priority)
    }
    assert.equal(shown.indexOf('urgent'), MAX_EMERGENCIES)
    assert.deepEqual(shown.slice(-2), ['emergency', 'emergency'], 'the first was an hour ago')
    assert.equal(countPriority('urgent', true, emergencies, NOW).priority, 'urgent')
  })

  it('counts an emergency until its period is over, to the millisecond, before and behind', () => {
    const counted = (at: number): string =>
      countPriority('emergency', true, new Array<number>(MAX_EMERGENCIES).fill(at), NOW).priority
    for (const sign of [1, -1]) {
      assert.equal(counted(NOW + sign * (EMERGENCY_PERIOD - 1)), 'urgent')
      assert.equal(counted(NOW + sign * EMERGENCY_PERIOD), 'emergency')
    }
  })

  it('never lets more than the bound count, wherever the clock goes, and never forgets for longer than its period', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 60 }), (steps) => {
        let emergencies: readonly number[] = []
        let now = NOW
        for (const step of steps) {
          now += (step * EMERGENCY_PERIOD) / 4
          const counted = countPriority('emergency', true, emergencies, now)
          emergencies = counted.emergencies
          assert.ok(emergencies.length <= MAX_EMERGENCIES)
          assert.equal(
            counted.priority === 'emergency',
            emergencies.at(-1) === now && counted.priority !== 'urgent'
          )
        }
        assert.equal(
          countPriority('emergency', true, emergencies, now + 3 * EMERGENCY_PERIOD * 60).priority,
          'emergency'
        )
      })
    )
  })
})
