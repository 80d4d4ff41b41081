import assert from 'node:assert/strict'
import type { Rule } from '../../src/simulator/checker.js'
import { createDisk } from '../../src/simulator/disk.js'
import type { PersonOptions } from '../../src/simulator/person.js'
import { simulate, type SimulationOptions } from '../../src/simulator/simulate.js'
import type { Store } from '../../src/storage/store.js'

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

describe('a simulation with a guard off', function () {
  this.timeout(600_000)

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
