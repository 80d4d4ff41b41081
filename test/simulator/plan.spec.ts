import assert from 'node:assert/strict'
import { planOf, type Plan } from '../../src/simulator/plan.js'

const plans = Array.from({ length: 300 }, (_, seed) => planOf(seed))
const FAULTS = [
  'loss',
  'duplication',
  'reordering',
  'corruption',
  'bandwidth',
  'clockOffset',
  'clockDrift',
  'clockJumps',
  'kills',
  'powerCuts',
  'absences',
  'fullDisks',
  'deafness'
] as const satisfies readonly (keyof Plan)[]

describe('simulator/plan', () => {
  it('is the same for the same seed', () => {
    assert.deepEqual(planOf(5), planOf(5))
  })

  for (const fault of FAULTS) {
    it(`has ${fault} in some runs and not in others`, () => {
      const affected = plans.filter((plan) => plan[fault] > 0).length
      assert.ok(affected > 60 && affected < 240, String(affected))
    })
  }

  it('keeps probabilities, clocks and people within what is promised', () => {
    for (const plan of plans) {
      assert.ok(plan.loss <= 0.3 && plan.duplication <= 0.5 && plan.corruption <= 0.1)
      assert.ok(plan.clockOffset <= 86_400_000 && plan.clockDrift <= 200)
      assert.ok(plan.nodes >= 2 && plan.hours >= 1 && plan.messages > 0)
    }
    assert.equal(new Set(plans.map(({ movement }) => movement)).size, 4)
    const scattered = plans.filter(({ gathers }) => !gathers)
    assert.ok(
      scattered.length > 20 && scattered.every(({ quota, fullDisks }) => quota === 0 && fullDisks === 0)
    )
    assert.ok(plans.filter(({ quota }) => quota > 0).length > 30)
  })

  it('has a night in half of the days and in no shorter run, and addresses in some runs', () => {
    const days = plans.map(({ seed }) => planOf(seed, { hours: 24 }))
    const nights = days.filter(({ waking }) => waking < 24)
    assert.ok(nights.length > 120 && nights.length < 180, String(nights.length))
    assert.ok(nights.every(({ waking }) => waking >= 8 && waking <= 16))
    assert.ok(plans.every(({ waking, hours }) => waking === hours))
    const addressed = plans.filter((plan) => plan.addressed).length
    assert.ok(addressed > 40 && addressed < 110, String(addressed))
  })

  it('does as the caller wants, and leaves the rest as it was', () => {
    assert.deepEqual(planOf(5, { loss: 0.9 }), { ...planOf(5), loss: 0.9 })
    assert.equal(planOf(5, { nodes: 20 }).nodes, 20)
  })

  it('draws what is undefined as what is left out', () => {
    const nothing = {
      loss: undefined,
      messages: undefined,
      delay: undefined,
      hours: undefined,
      gathers: undefined
    }
    assert.deepEqual(planOf(5, nothing), planOf(5))
  })

  it('says what it does not take', () => {
    const wrong = [
      ...[0, 1, 2.5, '3'].map((nodes) => ({ nodes })),
      ...[0, -1, NaN, Infinity].map((hours) => ({ hours })),
      ...[-0.1, 2, '0.5'].map((loss) => ({ loss })),
      ...[-1, 0.5, NaN].map((kills) => ({ kills })),
      { movement: 'teleport' },
      { gathers: 1 },
      { delay: [1, 5] }
    ]
    for (const wanted of wrong)
      assert.throws(
        () => Reflect.apply(planOf, undefined, [1, wanted]),
        { code: 'OPTIONS_INVALID' },
        JSON.stringify(wanted)
      )
    for (const seed of [undefined, '1', NaN])
      assert.throws(() => Reflect.apply(planOf, undefined, [seed]), { code: 'OPTIONS_INVALID' })
  })
})
