import assert from 'node:assert/strict'
import { StrangerBudgets } from '../../../src/messenger/carry/stranger-budgets.js'
import { STRANGER_BUDGET, SYNC_SALTED_ITEMS } from '../../../src/protocol/limits.js'

const MINUTE = 60_000

describe('messenger/stranger-budgets', () => {
  it('fills within a minute, and no further', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', STRANGER_BUDGET, 0)
    assert.deepEqual(
      [0, MINUTE / 4, MINUTE, 9 * MINUTE].map((now) => budgets.room('carol', now)),
      [0, STRANGER_BUDGET / 4, STRANGER_BUDGET, STRANGER_BUDGET]
    )
  })

  it('is one for each peer', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', 1000, 0)
    assert.deepEqual(
      [budgets.room('carol', 0), budgets.room('dave', 0)],
      [STRANGER_BUDGET - 1000, STRANGER_BUDGET]
    )
  })

  it('counts what was spent on what has come back by then', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', STRANGER_BUDGET, 0)
    budgets.spend('carol', STRANGER_BUDGET / 2, MINUTE / 2)
    assert.equal(budgets.room('carol', MINUTE / 2), 0)
    assert.equal(budgets.room('carol', MINUTE), STRANGER_BUDGET / 2)
  })

  it('takes nothing away when the clock is set back, and gives nothing', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', 1000, MINUTE)
    assert.equal(budgets.room('carol', 0), STRANGER_BUDGET - 1000)
  })

  it('fills from then on when the clock is set back, as it would have otherwise', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', STRANGER_BUDGET, 60 * MINUTE)
    assert.deepEqual(
      [0, MINUTE / 4, MINUTE].map((now) => budgets.room('carol', now)),
      [0, STRANGER_BUDGET / 4, STRANGER_BUDGET]
    )
  })

  it('remembers who left with less, so that nothing is gained by coming back', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', STRANGER_BUDGET, 0)
    budgets.forgetGone(new Set(), MINUTE / 2)
    assert.equal(budgets.room('carol', MINUTE / 2), STRANGER_BUDGET / 2)
    budgets.forgetGone(new Set(), MINUTE)
    // Forgotten: as full at any earlier time as a bucket that was never touched.
    assert.equal(budgets.room('carol', 0), STRANGER_BUDGET)
  })

  it('has so many ids hashed for salts within a minute, however long a clock was ahead', () => {
    const budgets = new StrangerBudgets()
    const half = SYNC_SALTED_ITEMS / 2
    const takes = (now: number): boolean => budgets.takeSalt(half, now)
    assert.deepEqual([takes(60 * MINUTE), takes(60 * MINUTE), takes(60 * MINUTE)], [true, true, false])
    assert.deepEqual([takes(0), takes(MINUTE / 2), takes(MINUTE / 2)], [false, true, false])
    assert.ok(budgets.takeSalt(0, MINUTE / 2))
  })

  it('has a set of more ids than that hashed, and then none until it has room for them again', () => {
    const budgets = new StrangerBudgets()
    assert.ok(budgets.takeSalt(3 * SYNC_SALTED_ITEMS, 0))
    assert.deepEqual(
      [MINUTE, 2 * MINUTE, 2.5 * MINUTE].map((now) => budgets.takeSalt(SYNC_SALTED_ITEMS / 2, now)),
      [false, false, true]
    )
  })

  it('keeps the bucket of who is linked, full or not', () => {
    const budgets = new StrangerBudgets()
    budgets.spend('carol', STRANGER_BUDGET, 0)
    budgets.forgetGone(new Set(['carol']), MINUTE)
    assert.equal(budgets.room('carol', 0), 0)
  })
})
