import assert from 'node:assert/strict'
import { assertNoKeyTwice } from '../support/messenger-checks.js'
import { inWorld } from '../support/messenger-world.js'
import { converseAtRandom, OraclePerson, assertSameHistoryAsOracle } from '../support/oracle-person.js'
import { oracleMissing, startOracle, type Oracle } from '../support/oracle-process.js'

describe('the second implementation, written from docs/protocol.md alone', () => {
  let oracle: Oracle
  before(function () {
    const missing = oracleMissing()
    if (missing === undefined) { oracle = startOracle(); return }
    console.log(`      ${missing}`)
    this.skip()
  })
  after(() => oracle.end())

  it('meets a messenger by its full card', async () => {
    await inWorld({ seed: 901, loss: 0.2, duplication: 0.2, reordering: 0.4  }, async (world) => {
      const alice = await world.person('alice')
      const bob = new OraclePerson(world, 'bob', oracle)
      await bob.open()
      await bob.add(await alice.card({ size: 'full' }))
      await bob.say('Moin')
      await bob.until(() => alice.inbox.length === 1)
      const answer = await alice.say(bob, 'Moin moin')
      await bob.until(() => alice.statusOf(answer) === 'delivered')
      const t = process.cpuUsage(), w = Date.now()
      await converseAtRandom(world, alice, bob, Number(process.env.COUNT ?? 300))
      console.log(process.cpuUsage(t), Date.now() - w, await bob.known(), bob.refused, alice.refused)
      await assertSameHistoryAsOracle(alice, bob)
      assertNoKeyTwice(world.published)
      await bob.close()
    })
  })
})
