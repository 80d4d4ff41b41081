import assert from 'node:assert/strict'
import type { Rule } from '../../src/simulator/checker.js'
import { createDisk } from '../../src/simulator/disk.js'
import type { PersonOptions } from '../../src/simulator/person.js'
import { simulate, type SimulationOptions, type SimulationReport } from '../../src/simulator/simulate.js'
import type { Store } from '../../src/storage/store.js'
import { watchAead } from '../support/simulator-aead.js'

const SEEDS = 200
const TWICE = 5

/** What was violated, with everything that is needed to see it again. */
function describeFailure({ plan, violations }: SimulationReport): string {
  const what = violations.map(({ rule, what }) => `${rule}: ${what}`).join('\n')
  return `npm run simulate -- --seed ${String(plan.seed)}\n${JSON.stringify(plan)}\n${what}`
}

/** Rules that were broken in some of these runs. */
async function brokenRules(options: Omit<SimulationOptions, 'seed'>, seeds = 12): Promise<Set<string>> {
  const rules = new Set<string>()
  for (let seed = 1; seed <= seeds; seed += 1) {
    const { violations } = await simulate({
      nodes: 3,
      hours: 1,
      movement: 'together',
      messages: 20,
      ...options,
      seed
    })
    for (const { rule } of violations) rules.add(rule)
  }
  return rules
}

/** Every rule that a promise broken by a store breaks in the end. */
const WHAT_LOST_COMMITS_BREAK: readonly Rule[] = [
  'acknowledged-is-kept',
  'delivered-is-stored',
  'delivered-once',
  'everything-arrives',
  'key-used-once',
  'status-only-rises'
]

function assertIncludes(rules: ReadonlySet<string>, expected: readonly string[]): void {
  assert.deepEqual(
    expected.filter((rule) => !rules.has(rule)),
    []
  )
}

/** A store of which one method is another. */
function otherwise(store: Store, other: Partial<Store>): Store {
  return {
    get: (key) => store.get(key),
    range: (range) => store.range(range),
    commit: (writes) => store.commit(writes),
    close: () => store.close(),
    ...other
  }
}

describe('a simulation', function () {
  this.timeout(600_000)

  it(`violates nothing with any of ${String(SEEDS)} seeds, and repeats no key with a nonce`, async () => {
    const aead = watchAead()
    try {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const report = await simulate({ seed })
        assert.deepEqual(report.violations, [], describeFailure(report))
        assert.equal(
          aead.take().repeated,
          0,
          `${describeFailure(report)}: a key and a nonce sealed two things`
        )
      }
    } finally {
      aead.stop()
    }
  })

  it('is the same run with the same seed, and another with another', async () => {
    const hashes = new Set<string>()
    for (let seed = 1; seed <= TWICE; seed += 1) {
      const [first, again] = [await simulate({ seed }), await simulate({ seed })]
      assert.equal(first.hash, again.hash, `seed ${String(seed)}`)
      assert.equal(first.events, again.events)
      hashes.add(first.hash)
    }
    assert.equal(hashes.size, TWICE)
  })

  it('finds nothing on honest disks', async () => {
    assert.deepEqual(await brokenRules({ powerCuts: 10, kills: 10 }), new Set())
  })

  it('finds it when commits are not synced', async () => {
    const rules = await brokenRules({ powerCuts: 10, kills: 0, person: syncedNowAndThen })
    assertIncludes(rules, WHAT_LOST_COMMITS_BREAK)
  })

  it('finds it when messages leave before their commit', async () => {
    const early = (store: Store): Store =>
      otherwise(store, {
        commit(writes) {
          void store.commit(writes)
          return Promise.resolve()
        }
      })
    const rules = await brokenRules({ kills: 20, powerCuts: 0, person: () => ({ wrapStore: early }) })
    assertIncludes(rules, WHAT_LOST_COMMITS_BREAK)
  })
})

/** On a disk that syncs every twentieth commit and says so of all. */
function syncedNowAndThen(): PersonOptions {
  const disk = createDisk({ synced: false })
  let commits = 0
  return {
    disk,
    wrapStore: (store) =>
      otherwise(store, {
        async commit(writes) {
          await store.commit(writes)
          if (++commits % 20 === 0) disk.sync()
        }
      })
  }
}
