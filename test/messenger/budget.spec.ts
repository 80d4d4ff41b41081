import assert from 'node:assert/strict'
import { Budget, publishCost, type Traffic } from '../../src/messenger/budget.js'
import { Tables } from '../../src/storage/records/tables.js'
import { createMemoryStore, type Store } from '../../src/index.js'
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.js'

const LIMIT = 100_000
const ALL: readonly Traffic[] = ['foreign', 'routine', 'urgent', 'receipt', 'emergency']

describe('messenger/budget', () => {
  const tables = new Tables((_, id) => id)
  let clock: VirtualClock
  let store: Store

  function create(): Budget {
    const onFailure = (error: unknown): void => assert.fail(String(error))
    return new Budget({ store, tables, clock, bytesPerHour: LIMIT, onFailure })
  }

  beforeEach(() => {
    clock = createVirtualClock()
    store = createMemoryStore()
  })

  it('stops what is done for others first, then own messages by their priority, then receipts, and emergencies last', () => {
    const budget = create()
    const going = (): Traffic[] => ALL.filter((traffic) => budget.allows(traffic, 1))
    assert.deepEqual(going(), ALL)
    for (const [share, rest] of [
      [0.5, ALL.slice(1)],
      [0.2, ALL.slice(2)],
      [0.1, ALL.slice(3)],
      [0.1, ALL.slice(4)],
      [0.1, []]
    ] as const) {
      budget.spend(share * LIMIT)
      assert.deepEqual(going(), rest)
    }
    assert.equal(budget.allows('emergency', 0), true)
  })

  it('says what was used, what waits, and when it goes on', async () => {
    const budget = create()
    assert.deepEqual(budget.status(1), { used: 0, limit: LIMIT, stopped: [] })
    budget.spend(0.65 * LIMIT)
    await clock.advance(30 * 60_000)
    budget.spend(0.1 * LIMIT)
    const { roomAt, ...status } = budget.status(1)
    assert.deepEqual(status, { used: 0.75 * LIMIT, limit: LIMIT, stopped: ['foreign', 'routine'] })
    assert.ok(roomAt !== undefined)
    await clock.advance(roomAt - clock.now())
    assert.deepEqual(budget.status(1), { used: 0.1 * LIMIT, limit: LIMIT, stopped: [] })
    assert.equal(budget.allowsAt('foreign', 1), clock.now())
  })

  it('knows its room, which others may have used up', () => {
    const budget = create()
    budget.spend(60_000)
    assert.deepEqual([budget.room('foreign'), budget.room('emergency')], [-10_000, 40_000])
  })

  it('is kept over a restart, and over a crash but for a sixty-fourth', async () => {
    const budget = create()
    await budget.load()
    budget.spend(1_000)
    await budget.save()
    const next = create()
    await next.load()
    assert.equal(next.status(1).used, 1_000)
    for (let n = 0; n < 1_000; n++) next.spend(50)
    await clock.advance(0)
    const after = create()
    await after.load()
    assert.ok(51_000 - after.status(1).used <= LIMIT / 64 + 50, String(after.status(1).used))
  })

  it('stores with the next time what could not be stored', async () => {
    const budget = create()
    budget.spend(500)
    const { commit } = store
    store.commit = () => Promise.reject(new Error('full'))
    await assert.rejects(budget.save())
    store.commit = commit
    await budget.save()
    const next = create()
    await next.load()
    assert.equal(next.status(1).used, 500)
  })

  it('goes on without what was stored if that is damaged', async () => {
    await store.commit([{ type: 'put', key: tables.ledger, value: Uint8Array.of(9) }])
    const budget = create()
    await budget.load()
    assert.equal(budget.status(1).used, 0)
  })

  it('only counts if there is no bound, and stores nothing', async () => {
    const budget = new Budget({ store, tables, clock, onFailure: (error) => assert.fail(String(error)) })
    budget.spend(1e9)
    await budget.save()
    assert.deepEqual(
      [
        budget.isBounded,
        budget.allows('foreign', 1e12),
        budget.room('foreign'),
        await store.get(tables.ledger)
      ],
      [false, true, Infinity, undefined]
    )
    assert.deepEqual(budget.status(1), { used: 1e9, stopped: [] })
  })

  it('has an envelope cost what its parcel takes, for each peer', () => {
    assert.equal(publishCost(512, 3), 3 * (512 + 2 + 9))
    assert.equal(publishCost(512, 0), 0)
  })
})
