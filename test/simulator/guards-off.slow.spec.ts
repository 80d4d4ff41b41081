import assert from 'node:assert/strict'
import type { Rule } from '../../src/simulator/checker.js'
import { createDisk } from '../../src/simulator/disk.js'
import type { PersonOptions } from '../../src/simulator/person.js'
import { simulate, type SimulationOptions } from '../../src/simulator/simulate.js'
import type { Store } from '../../src/storage/store.js'
import { withoutStreams } from '../support/network-unguarded.js'

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
    const rules = await brokenRules({ kills: 20, powerCuts: 0, person: () => ({ wrapStore: early }) }, 30)
    assertIncludes(rules, WHAT_LOST_COMMITS_BREAK)
  })

  it('finds it when nobody reconciles', async () => {
    const mute = { person: () => ({ wrapNetwork: withoutStreams }) }
    assertIncludes(await brokenRules({ ...CARRIED, gathers: true, ...mute }), ['mailboxes-agree'])
    assertIncludes(await brokenRules({ ...CARRIED, gathers: false, ...mute }, 4), ['everything-arrives'])
    assert.deepEqual(await brokenRules({ ...CARRIED, gathers: false }, 4), new Set())
  })

  it('finds it when carriers say that they hold what they do not write', async () => {
    const forgetful = (store: Store): Store =>
      otherwise(store, {
        commit: (writes) => store.commit(writes.filter(({ key }) => !key.startsWith('envelope/')))
      })
    const rules = await brokenRules({ person: () => ({ wrapStore: forgetful }) })
    assertIncludes(rules, ['sent-is-held'])
  })

  it('finds it when mailboxes keep more than they have room for', async () => {
    const rules = await brokenRules({ quota: 8_192, person: () => ({ messenger: {} }) })
    assert.deepEqual(rules, new Set(['mailbox-within-limits']))
  })
})

/** People on islands, who hear of each other only through those that walk between them, and of much when all come together. */
const CARRIED = { nodes: 6, movement: 'islands', hours: 2 } as const

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
