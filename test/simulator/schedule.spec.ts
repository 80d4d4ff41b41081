import assert from 'node:assert/strict'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { planOf } from '../../src/simulator/plan.js'
import { acquaintances, scheduleOf } from '../../src/simulator/schedule.js'

const plan = planOf(1, {
  nodes: 6,
  hours: 4,
  contacts: 3,
  messages: 30,
  movement: 'islands',
  kills: 5,
  powerCuts: 5,
  absences: 5,
  fullDisks: 5,
  deafness: 5,
  clockJumps: 5,
  clockOffset: 1_000
})
const random = () => createSeededRandom(9)

describe('simulator/schedule', () => {
  it('lets everybody know somebody, and nobody itself or somebody twice', () => {
    for (const nodes of [2, 3, 20]) {
      const pairs = acquaintances({ ...plan, nodes }, random())
      assert.equal(new Set(pairs.flat()).size, nodes)
      assert.ok(pairs.every(([one, other]) => one !== other))
      const keys = pairs.map((pair) => pair.toSorted((a, b) => a - b).join(' '))
      assert.equal(new Set(keys).size, keys.length)
    }
  })

  it('puts everything the plan asks for into its hours, in order', () => {
    const steps = scheduleOf(plan, acquaintances(plan, random()), undefined, 0, random())
    const times = steps.map(({ at }) => at)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b)
    )
    assert.ok(times.every((at) => at >= 0 && at <= 4 * 3_600_000))
    const count = (kind: string): number => steps.filter((step) => step.kind === kind).length
    assert.deepEqual(['say', 'die', 'leave', 'fill', 'deafen', 'jump'].map(count), [30, 10, 5, 5, 5, 5])
    assert.ok(count('meet') > 0 && count('part') > 0 && count('return') > 0)
  })

  it('writes each text once, between acquaintances', () => {
    const pairs = acquaintances(plan, random())
    const steps = scheduleOf(plan, pairs, undefined, 0, random())
    const letters = steps.flatMap((step) => (step.kind === 'say' ? [step] : []))
    assert.equal(new Set(letters.map(({ text }) => text)).size, 30)
    for (const { from, to } of letters) {
      assert.ok(pairs.some((pair) => pair.includes(from) && pair.includes(to) && from !== to))
    }
  })

  it('sends everybody to sleep at a time of its own, and has everything happen before the last of them sleeps', () => {
    const steps = scheduleOf({ ...plan, waking: 1 }, [[0, 1]], undefined, 0, random())
    const asleep = steps.flatMap((step) => (step.kind === 'sleep' ? [step] : []))
    assert.deepEqual(asleep.map(({ who }) => who).toSorted(), [0, 1, 2, 3, 4, 5])
    assert.equal(new Set(asleep.map(({ at }) => at)).size, 6)
    const begun = steps.filter(({ kind }) => ['say', 'die', 'fill', 'deafen', 'jump', 'meet'].includes(kind))
    assert.ok(begun.every(({ at }) => at <= 1.1 * 3_600_000))
    const awake = scheduleOf(plan, [[0, 1]], undefined, 0, random())
    assert.ok(awake.every(({ kind }) => kind !== 'sleep'))
  })

  it('takes a trace instead of its own encounters', () => {
    const encounters = [{ one: 0, other: 1, start: 5, end: 7 }]
    const steps = scheduleOf({ ...plan, messages: 0 }, [[0, 1]], encounters, 0, random())
    assert.deepEqual(
      steps.filter(({ kind }) => kind === 'meet' || kind === 'part'),
      [
        { at: 5, kind: 'meet', one: 0, other: 1 },
        { at: 7, kind: 'part', one: 0, other: 1 }
      ]
    )
  })
})
