import assert from 'node:assert/strict'
import type { Letter } from '../../../benchmarks/carry/letters.js'
import { carry, type CreatePolicy, type Outcome } from '../../../benchmarks/carry/model.js'
import { direct, epidemic, prophet, spray } from '../../../benchmarks/carry/policies.js'

const HOUR = 3_600_000
const letter = (id: number, from: number, to: number): Letter => ({
  id,
  from,
  to,
  sentAt: 0,
  expiresAt: 10 * HOUR
})
const meeting = (one: number, other: number, hour: number) => ({
  one,
  other,
  start: hour * HOUR,
  end: hour * HOUR
})

/** Node 0 meets 1 and 2; 1 meets the recipient 3 after an hour, and 0 itself does after five. */
const encounters = [meeting(0, 1, 1), meeting(0, 2, 1), meeting(1, 3, 2), meeting(0, 3, 5)]
const outcomeOf = (policy: CreatePolicy, room = Infinity, letters = [letter(0, 0, 3)]): Promise<Outcome> =>
  carry(policy, room, 4, encounters, letters)

describe('benchmarks/carry/policies', () => {
  it('direct waits until the sender meets the recipient', async () => {
    assert.deepEqual(await outcomeOf(direct), { delivery: 1, delay: 300, copies: 1 })
  })

  it('epidemic and spray arrive by whoever comes first', async () => {
    assert.deepEqual(await outcomeOf(epidemic), { delivery: 1, delay: 120, copies: 3 })
    assert.deepEqual(await outcomeOf(spray), { delivery: 1, delay: 120, copies: 3 })
  })

  it('prophet gives nothing to who has never met the recipient', async () => {
    assert.deepEqual(await outcomeOf(prophet), { delivery: 1, delay: 300, copies: 1 })
  })

  it('none of them delivers what has expired', async () => {
    const late = { ...letter(0, 0, 3), expiresAt: HOUR / 2 }
    for (const policy of [direct, epidemic, spray, prophet]) {
      assert.equal((await outcomeOf(policy, Infinity, [late])).delivery, 0)
    }
  })

  it('drop the oldest where there is no room', async () => {
    const { delivery } = await outcomeOf(direct, 1, [letter(0, 0, 3), letter(1, 0, 3)])
    assert.equal(delivery, 1 / 2)
  })
})
