import assert from 'node:assert/strict'
import { createSeededRandom } from '../../src/network/seeded-random.js'
import { Checker } from '../../src/simulator/checker.js'
import type { Person } from '../../src/simulator/person.js'
import { planOf } from '../../src/simulator/plan.js'
import { Run } from '../../src/simulator/run.js'
import type { Step } from '../../src/simulator/schedule.js'
import { World } from '../../src/simulator/world.js'

const plan = planOf(1, { nodes: 2, clockOffset: 0, clockDrift: 0 })

interface Rig {
  readonly world: World
  readonly checker: Checker
  readonly run: Run
  readonly adder: Person
  readonly added: Person
}

/** Two people near each other, of whom the first has the card of the second. */
async function createRig(): Promise<Rig> {
  const world = new World({ seed: 1 })
  const checker = new Checker(() => world.clock.now())
  world.observe(checker.observe)
  const run = await Run.populate(world, checker, plan, [[0, 1]], () => ({}), createSeededRandom(1))
  run.perform({ at: 0, kind: 'meet', one: 0, other: 1 })
  await world.pass(1_000)
  const [adder, added] = run.people
  assert.ok(adder && added)
  return { world, checker, run, adder, added }
}

const say = (text: string, from = 0): Step => ({ at: 0, kind: 'say', from, to: 1 - from, text })

describe('simulator/run', () => {
  it('lets people write to each other', async () => {
    const { world, checker, run, adder, added } = await createRig()
    run.perform(say('one'))
    await world.pass(5_000)
    run.perform(say('two', 1))
    await world.pass(5_000)
    assert.deepEqual([adder.heard, added.heard], [['two'], ['one']])
    assert.ok(
      [...checker.letters.values()].every(({ isAcknowledged, isReceived }) => isAcknowledged && isReceived)
    )
    assert.deepEqual(checker.violations, [])
    await world.end()
  })

  for (const [moment, isKept] of [
    ['before', false],
    ['after', true]
  ] as const) {
    it(`kills somebody just ${moment} a commit, and brings it back`, async () => {
      const { world, checker, run, adder } = await createRig()
      run.perform({ at: 0, kind: 'die', who: 0, death: 'power-cut', moment, commits: 1, down: 60_000 })
      run.perform(say('last words'))
      await world.pass(1_000)
      assert.deepEqual([adder.running, run.deaths], [false, 1])
      assert.equal(checker.letters.get('last words')?.isAcknowledged, false)
      await world.pass(120_000)
      assert.equal(adder.running, true)
      assert.equal((await adder.history(run.people[1] ?? adder)).length, isKept ? 1 : 0)
      await world.end()
    })
  }

  it('kills somebody at once', async () => {
    const { world, run, added } = await createRig()
    run.perform({ at: 0, kind: 'die', who: 1, death: 'kill', moment: 'now', commits: 1, down: 1_000 })
    assert.equal(added.running, false)
    await world.pass(5_000)
    assert.equal(added.running, true)
    await world.end()
  })

  it('closes, fills disks, deafens and sets clocks, and undoes all but the last when it heals', async () => {
    const { world, checker, run, adder, added } = await createRig()
    run.perform({ at: 0, kind: 'leave', who: 1 })
    run.perform({ at: 0, kind: 'fill', who: 0 })
    run.perform({ at: 0, kind: 'deafen', from: 0, to: 1 })
    run.perform({ at: 0, kind: 'jump', who: 0, offset: 3_600_000 })
    run.perform(say('refused'))
    await world.pass(60_000)
    assert.equal(added.running, false)
    assert.equal(checker.letters.get('refused')?.isAcknowledged, false)
    assert.ok(Math.abs(adder.clockOffset - 3_600_000) <= 1)
    run.heal()
    run.gather()
    await world.pass(60_000)
    run.perform(say('taken'))
    await world.pass(60_000)
    assert.ok(added.heard.includes('taken'))
    assert.deepEqual(checker.violations, [])
    await world.end()
  })

  it('knows no excuse for other errors', async () => {
    const { world, checker, run } = await createRig()
    run.perform(say('x'.repeat(100_000)))
    await world.pass(1_000)
    assert.deepEqual(
      checker.violations.map(({ rule }) => rule),
      ['errors-are-known']
    )
    await world.end()
  })

  it('leaves asleep who has put its phone away, whatever else would bring it back, until it heals', async () => {
    const { world, checker, run, adder } = await createRig()
    run.perform({ at: 0, kind: 'sleep', who: 0 })
    run.perform({ at: 0, kind: 'return', who: 0 })
    await world.pass(60_000)
    assert.equal(adder.running, false)
    run.heal()
    await world.pass(1_000)
    assert.equal(adder.running, true)
    assert.deepEqual(checker.violations, [])
    await world.end()
  })

  it('gives addresses to be dialled at to people whose plan says so', async () => {
    for (const addressed of [true, false]) {
      const world = new World({ seed: 1 })
      const checker = new Checker(() => world.clock.now())
      const options = { ...plan, addressed }
      const run = await Run.populate(world, checker, options, [], () => ({}), createSeededRandom(1))
      const statuses = await Promise.all(run.people.map(({ messenger }) => messenger.status()))
      const addresses = statuses.map((status) => status.addresses.length)
      assert.deepEqual(addresses, addressed ? [1, 1] : [0, 0])
      await world.end()
    }
  })
})
